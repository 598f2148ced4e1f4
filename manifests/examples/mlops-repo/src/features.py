"""What the churn model sees of a customer."""

import pandas

LABEL = "churned"
COLUMNS = ["tenure_months", "charge", "charge_last_quarter", "support_calls"]


def features(customers: pandas.DataFrame) -> pandas.DataFrame:
    """One row per customer, in the order of the rows."""
    table = customers[COLUMNS].fillna(0)
    table["charge_change"] = table["charge"] - table["charge_last_quarter"]
    table["calls_per_month"] = table["support_calls"] / table["tenure_months"].clip(lower=1)
    return table
