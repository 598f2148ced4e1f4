"""Evaluates the churn model on the held-out set; writes the predictions that a bias audit needs."""

import argparse

import fsspec
import joblib
from sklearn.metrics import precision_score, recall_score

from dataset import read_dataset
from features import LABEL, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--digest", required=True)
    parser.add_argument("--min-precision", type=float, required=True)
    parser.add_argument("--min-recall", type=float, required=True)
    parser.add_argument("--predictions", help="a CSV file to write")
    options = parser.parse_args()

    customers = read_dataset(options.dataset, options.digest)
    with fsspec.open(options.model, "rb") as file:
        model = joblib.load(file)
    predicted = model.predict(features(customers)).astype(int)
    label = customers[LABEL].astype(int)
    precision, recall = precision_score(label, predicted), recall_score(label, predicted)
    print(f"precision {precision:.4f}, recall {recall:.4f}")
    if options.predictions:
        audited = customers[["age_band"]].assign(label=label, prediction=predicted)
        audited.to_csv(options.predictions, index=False)
    if precision < options.min_precision or recall < options.min_recall:
        raise SystemExit("the model is not good enough")


if __name__ == "__main__":
    main()
