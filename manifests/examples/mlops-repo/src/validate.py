"""Refuses a training set that Git does not name, or that lacks a column."""

import argparse

from dataset import read_dataset
from features import COLUMNS, LABEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--digest", required=True)
    options = parser.parse_args()

    columns = read_dataset(options.dataset, options.digest).columns
    missing = [name for name in [*COLUMNS, LABEL] if name not in columns]
    if missing:
        raise SystemExit(f"{options.dataset} lacks {', '.join(missing)}")


if __name__ == "__main__":
    main()
