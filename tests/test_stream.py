"""The year as a stream: every basket once, in the order of time; samples hold whole households."""

from __future__ import annotations

import numpy as np
import pytest

from shelfspace.baselines.streaming import CountBlend
from shelfspace.data import WARM_UP_DAYS, load_journey, load_stream


@pytest.fixture(scope="module")
def stream():
    return load_stream()


def test_every_basket_is_there_once_and_in_order(stream):
    lines = load_journey().transactions
    assert len(stream) == lines["basket_id"].nunique() == 155_848
    assert (stream.n_households, stream.n_items) == (2_469, 68_509)
    distinct = lines.drop_duplicates(["basket_id", "product_id"])
    assert len(stream.item) == len(distinct)
    assert (np.diff(stream.time) >= 0).all()
    assert stream.time[0] >= 0
    assert stream.time[-1] < 365
    counted = np.bincount(stream.item, minlength=stream.n_items)
    wanted = distinct["product_id"].value_counts().reindex(stream.product_ids)
    assert (counted == wanted.to_numpy()).all()


def test_a_basket_is_a_receipt(stream):
    lines = load_journey().transactions
    at = 98_765
    day, who = int(stream.time[at]) + 1, stream.household_ids[stream.household[at]]
    receipts = lines[(lines["day"] == day) & (lines["household_id"] == who)]
    baskets = [set(found["product_id"]) for _, found in receipts.groupby("basket_id")]
    assert set(stream.product_ids[stream.basket(at)]) in baskets
    assert (np.diff(stream.basket(at)) > 0).all()


def test_judging_starts_with_week_9(stream):
    lines = load_journey().transactions
    assert lines.loc[lines["week"] == 9, "day"].min() == WARM_UP_DAYS + 1


def test_a_sample_holds_all_baskets_of_its_households(stream):
    some = stream.sample(0.1, np.random.default_rng(3))
    chosen = np.unique(some.household)
    assert len(chosen) == 247
    assert len(some) == np.isin(stream.household, chosen).sum()
    same = stream.sample(0.1, np.random.default_rng(3))
    assert np.array_equal(same.item, some.item)
    time, household, items = next(some.events())
    at = np.flatnonzero((stream.time == time) & (stream.household == household))[0]
    assert items == stream.basket(at).tolist()
    with pytest.raises(ValueError, match="share"):
        stream.sample(0.0, np.random.default_rng(0))


def test_the_count_blend_is_a_plain_sort_of_all_items():
    rng = np.random.default_rng(5)
    model, counts, sold = CountBlend(50, 20.0, n_leaders=5), np.zeros((6, 50)), np.zeros(50)
    share = rng.dirichlet(np.full(50, 0.3))
    for _ in range(300):
        household = int(rng.integers(6))
        scores = counts[household] + 20 * sold / max(sold.sum(), 1)
        answer = model.predict(household, 5)
        best = np.sort(scores)[::-1][: len(answer)]
        assert np.allclose(scores[answer], best)
        assert len(answer) == min(5, (sold > 0).sum())
        items = rng.choice(50, 4, replace=False, p=(share + 0.01) / (share + 0.01).sum())
        counts[household, items] += 1
        sold[items] += 1
        model.learn(household, items)
