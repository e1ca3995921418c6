"""The fairness data: real spending, and samples with an injustice that is drawn from a seed."""

import dataclasses

import numpy as np
import pytest

import shelfspace.data as data
from shelfspace.data.fairness import (
    CUT_DAYS,
    ERASED_RATE,
    GROUP_SHIFTS,
    HIGH_INCOME,
    MIN_TRIPS,
    MONTH,
    TRAINING_CUTS,
    ZONE_NOISE,
)


@pytest.fixture(scope="module")
def journey():
    return data.load_journey()


@pytest.fixture(scope="module")
def table():
    return data.spending_table()


@pytest.fixture(scope="module")
def drawn():
    return data.biased_sample(3)


def test_every_household_that_came_often_enough_stands_there_on_ten_days(table, journey):
    early = journey.transactions[journey.transactions["day"] < CUT_DAYS[0]]
    trips = early.groupby("household_id")["basket_id"].nunique()
    households = sorted(trips.index[trips >= MIN_TRIPS])
    assert len(households) == 1950
    assert np.array_equal(table.household.reshape(10, -1), np.tile(households, (10, 1)))
    assert np.array_equal(table.cut_day, np.repeat(CUT_DAYS, 1950))
    assert table.X.shape == (19500, len(table.feature_names))
    assert np.isfinite(table.X).all()
    assert (table.X >= 0).all()


def test_labels_are_the_quarter_that_spends_most_in_the_month_that_follows(table, journey):
    lines = journey.transactions
    for number, day in ((0, 85), (7, 281)):
        month = lines[lines["day"].between(day, day + MONTH - 1)]
        spent = month.groupby("household_id")["sales_value"].sum()
        rows = table.cut_day == day
        expected = spent.reindex(table.household[rows], fill_value=0.0).to_numpy()
        assert table.cut_day[rows][0] == CUT_DAYS[number]
        assert table.spend[rows] == pytest.approx(expected, abs=0.005)
        assert np.array_equal(table.y[rows], data.top_quarter(table.spend[rows]))
        assert table.y[rows].mean() == pytest.approx(0.25, abs=0.001)
        assert table.spend[rows][table.y[rows] == 1].min() > np.quantile(table.spend[rows], 0.75)


def test_no_feature_and_no_choice_of_households_knows_the_day_or_later(table, journey):
    today = CUT_DAYS[5]
    later = journey.transactions["day"] >= today
    rng = np.random.default_rng(0)
    altered = journey.transactions.copy()
    altered.loc[later, "product_id"] = rng.permutation(altered.loc[later, "product_id"])
    altered.loc[later, "household_id"] = rng.permutation(altered.loc[later, "household_id"])
    altered.loc[later, ["sales_value", "retail_disc", "coupon_disc"]] += 10
    came = data.build_spending_table(dataclasses.replace(journey, transactions=altered))
    assert np.array_equal(came.household, table.household)
    past = table.cut_day <= today
    assert came.X[past].tobytes() == table.X[past].tobytes()
    # The test has teeth: all but the day of the first trip did change in later rows.
    moved = (came.X != table.X).any(axis=0)
    assert [n for n, m in zip(table.feature_names, moved, strict=True) if not m] == ["tenure"]
    assert (came.y != table.y)[table.cut_day >= today].any()


def test_a_label_is_no_part_of_its_own_features(table):
    """The month before the next cut-off is the month that the label is of."""
    column = table.feature_names.index("spend_28")
    assert np.allclose(table.X[1950:, column], np.log1p(table.spend[:-1950]))


def test_incomes_are_those_of_the_demographics(table, journey):
    income = journey.demographics.set_index("household_id")["income"]
    for household, high in zip(table.household[:1950], table.high_income, strict=False):
        known = household in income.index
        assert high == (income[household] in HIGH_INCOME if known else -1)
    audited = data.income_table()
    assert set(audited.household) == set(income.index)
    assert len(audited.household) == 8010
    assert set(audited.high_income) == {0, 1}
    assert audited.y[:801].mean() == pytest.approx(0.25, abs=0.001)


def test_a_seed_gives_one_sample_and_another_seed_another(drawn):
    (sample, truth), (again, same), (other, _) = drawn, data.biased_sample(3), data.biased_sample(4)
    assert sample.train.X.tobytes() == again.train.X.tobytes()
    assert np.array_equal(sample.train.y_observed, again.train.y_observed)
    assert np.array_equal(truth.y_test, same.y_test)
    assert not np.array_equal(sample.train.group, other.train.group)


def test_a_sample_is_split_in_time_and_lets_nothing_of_the_truth_out(drawn):
    sample, truth = drawn
    n_train = TRAINING_CUTS * 1950
    assert (len(sample.train.X), len(sample.X_test)) == (n_train, 19500 - n_train)
    assert {field.name for field in dataclasses.fields(sample)} == {
        "train",
        "X_test",
        "feature_names",
    }
    assert {field.name for field in dataclasses.fields(sample.train)} == {
        "X",
        "y_observed",
        "group",
    }
    assert sample.feature_names[-1] == "zone"
    assert np.array_equal(np.unique(truth.household_train), np.unique(truth.household_test))
    # rows stand in no order that would tell the household or the day
    assert (np.diff(truth.household_train) < 0).mean() == pytest.approx(0.5, abs=0.05)


def test_only_ones_of_group_1_are_erased_at_the_rate(drawn):
    sample, truth = drawn
    erased = sample.train.y_observed != truth.y_train
    ones = (truth.y_train == 1) & (sample.train.group == 1)
    assert not erased[~ones].any()
    assert erased[ones].mean() == pytest.approx(ERASED_RATE, abs=6 * (0.24 / ones.sum()) ** 0.5)
    _, untouched = data.biased_sample(3, erased_rate=0.0)
    assert untouched.erased_rate == 0
    assert np.array_equal(data.biased_sample(3, 0.0)[0].train.y_observed, untouched.y_train)
    assert np.array_equal(untouched.y_train, truth.y_train)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="erased_rate"):
        data.biased_sample(0, rate)


def test_groups_are_a_coin_toss_per_household_with_a_noisy_zone(drawn):
    sample, truth = drawn
    rows = np.concatenate([truth.household_train, truth.household_test])
    groups = np.concatenate([sample.train.group, truth.group_test])
    zone = np.concatenate([sample.train.X[:, -1], sample.X_test[:, -1]])
    _, first = np.unique(rows, return_index=True)
    group_of = dict(zip(rows[first], groups[first], strict=True))
    zone_of = dict(zip(rows[first], zone[first], strict=True))
    assert all(group_of[row] == group for row, group in zip(rows, groups, strict=True))
    assert all(zone_of[row] == value for row, value in zip(rows, zone, strict=True))
    spread = 6 * (0.25 / 1950) ** 0.5
    assert groups[first].mean() == pytest.approx(0.5, abs=spread)
    misnamed = (groups != zone)[first].mean()
    assert misnamed == pytest.approx(ZONE_NOISE, abs=6 * (0.09 / 1950) ** 0.5)


def test_the_other_world_differs_by_what_the_group_causes(drawn, table):
    sample, truth = drawn
    change = truth.X_test_other_group - sample.X_test
    direction = 1 - 2 * truth.group_test
    expected = GROUP_SHIFTS | {"zone": None}
    for column, name in enumerate(sample.feature_names):
        if name == "zone":
            assert np.array_equal(truth.X_test_other_group[:, column], 1 - sample.X_test[:, column])
        elif name in expected:
            assert change[:, column] == pytest.approx(direction * expected[name])
        else:
            assert not change[:, column].any()
    assert set(GROUP_SHIFTS) < set(table.feature_names)


def test_a_table_from_the_cache_is_the_same_bit_for_bit_and_the_callers_own(table):
    again = data.spending_table()
    for name, value in vars(table).items():
        assert np.array_equal(value, getattr(again, name))
    again.X[:] = np.nan
    assert np.isfinite(data.spending_table().X).all()
