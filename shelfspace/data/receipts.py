"""What receipts say of households before a day: the sums and shares that features are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shelfspace.data.journey import Journey

if TYPE_CHECKING:
    import pandas as pd

WINDOWS = (7, 28, 84)
"""Lengths of the windows before a day, in days."""

Features = dict[str, np.ndarray]
"""Columns by name, each (households,)."""

_AMOUNTS = ("spend", "discount", "private_label", "trips", "items", "coupon_items")


def receipt_lines(journey: Journey, households: pd.Series) -> pd.DataFrame:
    """The receipt lines of these households, as what the features add up.

    Money is in whole cents: their sums are exact, in whatever order they are taken.
    """
    lines = journey.transactions
    lines = lines[lines["household_id"].isin(households)]
    products = journey.products
    private_label = products.loc[products["brand"] == "Private", "product_id"]
    spend = _cents(lines["sales_value"])
    return lines[["household_id", "product_id", "day"]].assign(
        spend=spend,
        discount=_cents(lines["retail_disc"]),
        private_label=spend.where(lines["product_id"].isin(private_label), 0),
        trips=(~lines["basket_id"].duplicated()).astype(np.int64),
        items=1,
        coupon_items=(lines["coupon_disc"] > 0).astype(np.int64),
    )


def _cents(dollars: pd.Series) -> pd.Series:
    return (dollars * 100).round().astype(np.int64)


def shopping(lines: pd.DataFrame, households: pd.Series, start: int) -> Features:
    """How much, how often and how a household shopped lately; `lines` are those before `start`."""
    features = {}
    for days in WINDOWS:
        sums = sums_of(lines[lines["day"] >= start - days], households)
        features[f"spend_{days}"] = np.log1p(sums["spend"] / 100)
        for count in ("trips", "items", "coupon_items"):
            features[f"{count}_{days}"] = np.log1p(sums[count])
    # The sums are now those of the longest window.
    features["private_label_share"] = share_of(sums["private_label"], sums["spend"])
    features["discount_share"] = share_of(sums["discount"], sums["spend"] + sums["discount"])
    trips = lines.groupby("household_id")["day"].agg(["min", "max"]).reindex(households)
    features["recency"] = np.log1p(start - trips["max"].fillna(0).to_numpy())
    features["tenure"] = np.log1p(start - trips["min"].fillna(start).to_numpy())
    return features


def sums_of(lines: pd.DataFrame, households: pd.Series) -> dict[str, np.ndarray]:
    """The sum of every amount per household, 0 for one without a line."""
    sums = lines.groupby("household_id")[list(_AMOUNTS)].sum().reindex(households, fill_value=0)
    return {name: sums[name].to_numpy() for name in _AMOUNTS}


def counts_of(events: pd.DataFrame, households: pd.Series) -> np.ndarray:
    """The number of rows per household."""
    counts = events["household_id"].value_counts().reindex(households, fill_value=0)
    return np.asarray(counts)


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, and 0 where there is no whole."""
    return np.asarray(part / np.maximum(whole, 1))
