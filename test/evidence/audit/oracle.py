"""Fairlearn's figures for tables of (label, prediction, group), as JSON: an oracle for our own."""

import json
import math
import sys
import warnings

from fairlearn import metrics

warnings.filterwarnings("ignore")
NAMES = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
]


def figures(rows):
    labels, predictions, groups = (list(column) for column in zip(*rows))
    values = {
        name: getattr(metrics, name)(labels, predictions, sensitive_features=groups)
        for name in NAMES
    }
    return {name: None if math.isnan(value) else value for name, value in values.items()}


json.dump([figures(rows) for rows in json.load(sys.stdin)], sys.stdout)
