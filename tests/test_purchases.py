"""Purchases by item: what is kept is decided by the past, and nothing is lost on the way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shelfspace.data import VALIDATION_WEEK, build_purchases, load_journey, load_purchases


@pytest.fixture(scope="module")
def journey():
    return load_journey()


@pytest.mark.parametrize(("unit", "n_items"), [("product", 15_195), ("product_type", 1_616)])
def test_items_and_households_are_those_of_the_protocol(journey, unit, n_items):
    purchases = load_purchases(unit)
    assert (purchases.n_items, purchases.n_households) == (n_items, 2_283)
    lines = journey.transactions.merge(journey.products[["product_id", "product_type"]])
    before = lines[lines["week"] < VALIDATION_WEEK]
    key = "product_id" if unit == "product" else "product_type"
    kept = before[before[key].isin(purchases.items[key])]
    buyers = kept.drop_duplicates(["household_id", key])[key].astype(str).value_counts()
    assert buyers.min() == 10
    baskets = before.drop_duplicates("basket_id")["household_id"].value_counts()
    assert baskets[purchases.households["household_id"]].min() == 5


def test_events_are_the_receipts_lines(journey):
    purchases = load_purchases("product")
    events = purchases.events
    assert events["day"].is_monotonic_increasing
    assert not events.duplicated(["household", "basket_id", "item"]).any()
    lines = journey.transactions
    kept = lines[
        lines["product_id"].isin(purchases.items["product_id"])
        & lines["household_id"].isin(purchases.households["household_id"])
    ]
    assert events["lines"].sum() == len(kept)
    one = events.iloc[123_456]
    receipt = kept[kept["basket_id"] == one["basket_id"]]
    product = purchases.items["product_id"][one["item"]]
    found = receipt[receipt["product_id"] == product]
    assert len(found) == one["lines"]
    assert set(found["day"]) == {one["day"]}
    assert set(found["household_id"]) == {purchases.households["household_id"][one["household"]]}


def test_what_is_kept_does_not_depend_on_the_weeks_to_predict(journey):
    lines = journey.transactions
    later = lines["week"] >= VALIDATION_WEEK
    other = lines.copy()
    other.loc[later, "product_id"] = np.roll(lines.loc[later, "product_id"].to_numpy(), 1000)
    other = other[~later | (np.arange(len(other)) % 3 > 0)]
    changed = build_purchases(dataclasses.replace(journey, transactions=other), "product_type")
    purchases = load_purchases("product_type")
    assert changed.items.equals(purchases.items)
    assert changed.households.equals(purchases.households)
    assert not changed.events.equals(purchases.events)
    known = [table.events[table.events["week"] < VALIDATION_WEEK] for table in (changed, purchases)]
    assert known[0].equals(known[1])


def test_counts_are_baskets_within_the_weeks():
    purchases = load_purchases("product_type")
    counts = purchases.counts(10, 12)
    events = purchases.events
    chosen = events[(events["week"] >= 10) & (events["week"] <= 12)]
    assert counts.sum() == len(chosen)
    household, item = chosen.iloc[0][["household", "item"]]
    both = (chosen["household"] == household) & (chosen["item"] == item)
    assert counts[household, item] == both.sum()


def test_attributes_are_codes_of_the_items_own():
    purchases = load_purchases("product")
    codes, sizes = purchases.item_attributes()
    assert codes.shape == (15_195, 6)
    assert codes.dtype == np.int64
    assert tuple(codes.max(0) + 1) == sizes
    brands = purchases.items["brand"].to_numpy()
    brand = codes[:, list(purchases.items).index("brand") - 1]
    assert all(len(set(brands[brand == code])) == 1 for code in range(brand.max() + 1))


def test_another_unit_is_a_sentence():
    with pytest.raises(ValueError, match='unit must be "product" or "product_type"'):
        load_purchases("aisle")
