"""Trains the churn model. The same arguments and the same data give the same model."""

import argparse

import fsspec
import joblib
from sklearn.ensemble import GradientBoostingClassifier

from dataset import read_dataset
from features import LABEL, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--dataset-digest", required=True)
    parser.add_argument("--trees", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()

    customers = read_dataset(options.dataset, options.dataset_digest)
    model = GradientBoostingClassifier(
        n_estimators=options.trees,
        learning_rate=options.learning_rate,
        random_state=options.seed,
    )
    model.fit(features(customers), customers[LABEL])
    with fsspec.open(options.output, "wb") as file:
        joblib.dump(model, file)


if __name__ == "__main__":
    main()
