"""The pipeline in real time on a small made shop: no leak, the same figures again, a service."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from corpus import ROOT

from autograder.contracts import load_contracts
from shelfspace.data import Purchases, Stream, load_journey
from shelfspace.pipelines import real_time, recommender
from shelfspace.pipelines.real_time import (
    ExactIndex,
    HNSWIndex,
    Impressions,
    LiveTwoTower,
    NewItems,
    Settings,
    Towers,
    week_of,
)

N_HOUSEHOLDS, N_ITEMS = 24, 400
TINY = Settings(
    share=1.0,
    impressions=3,
    n_bits=10,
    threshold=6.0,
    towers=recommender.Settings("product", width=8, steps=6, households=8, positives=3, history=16),
    expansions=(32, 256),
    queries=10,
    requests=12,
    connections=(1, 3),
    bootstrap=20,
)


def made_stream(seed: int = 0, other_from: float = np.inf) -> Stream:
    """Two baskets a week from each household's own corner, which moves on by two products a week;
    from a day on, from everywhere."""
    rng = np.random.default_rng(seed)
    baskets = sorted(
        (7 * week + float(rng.uniform(0, 6.9)), household)
        for week in range(52)
        for household in range(N_HOUSEHOLDS)
        for _ in range(2)
    )
    items = [
        np.unique(
            (household * 9 + 2 * week_of(time) + rng.integers(0, 60, size=5)) % N_ITEMS
            if time < other_from
            else np.random.default_rng(round(1e6 * time)).integers(N_ITEMS, size=5)
        )
        for time, household in baskets
    ]
    return Stream(
        time=np.array([time for time, _ in baskets]),
        household=np.array([household for _, household in baskets]),
        offsets=np.cumsum([0, *map(len, items)]),
        item=np.concatenate(items),
        household_ids=10 * np.arange(N_HOUSEHOLDS),
        product_ids=100 + np.arange(N_ITEMS),
    )


def purchases_of(stream: Stream) -> Purchases:
    """The same baskets; every tenth product and the last household are not kept."""
    kept = np.arange(N_ITEMS) % 10 > 0
    number = np.cumsum(kept) - 1
    rows = [
        (household, number[item], int(time) + 1, week_of(time), basket, 1)
        for basket, (time, household, items) in enumerate(stream.events())
        for item in items
        if kept[item] and household < N_HOUSEHOLDS - 1
    ]
    names = ["household", "item", "day", "week", "basket_id", "lines"]
    ids = stream.product_ids[kept]
    items = {"product_id": ids, "product_type": ids // 10, "product_category": ids // 50}
    households = pd.DataFrame({"household_id": stream.household_ids[:-1]})
    return Purchases(pd.DataFrame(rows, columns=names), pd.DataFrame(items), households)


@pytest.fixture(scope="module")
def contracts():
    reference = ROOT / "solutions" / "real_time" / "real_time.ipynb"
    return load_contracts(reference, real_time.CONTRACTS)


@pytest.fixture(scope="module")
def stream() -> Stream:
    return made_stream()


@pytest.fixture(scope="module")
def towers(stream, tmp_path_factory) -> Towers:
    return trained(stream, tmp_path_factory.mktemp("towers"))


def trained(stream: Stream, folder) -> Towers:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(real_time, "load_purchases", lambda unit: purchases_of(stream))
        return Towers.trained(TINY, folder, progress=False)


def test_the_weeks_are_those_of_the_journey():
    days = load_journey().transactions[["day", "week"]].drop_duplicates()
    assert [week_of(day - 0.5) for day in days["day"]] == days["week"].tolist()


def test_half_of_the_products_get_other_numbers_from_a_day_on(stream):
    changed = real_time._renumbered(stream, seed=0)
    later = np.repeat(stream.time >= real_time.CHANGE_DAY, np.diff(stream.offsets))
    moved = changed.item != stream.item
    assert not moved[~later].any()
    assert 0.4 < moved[later].mean() < 0.6
    assert (changed.item[moved] >= N_ITEMS).all()


# ---------------------------------------------------------------------- recommenders


def test_the_models_without_decay_are_beaten_where_habits_count(stream, contracts):
    figures = real_time._live_models(stream, TINY, contracts, progress=False)
    rows = {row["model"]: row["recall@20"] for row in figures["recall@20"]}
    assert rows["the same without decay"] > rows["popularity"]
    assert rows["live_model"] == pytest.approx(
        rows["DecayedBlend, the service's default"], abs=0.01
    )
    weeks = {row["week"]: row for row in figures["recall@20 of live_model by week"]}
    assert weeks[29]["as they were"] == weeks[29]["half renumbered"]
    assert weeks[30]["as they were"] > weeks[30]["half renumbered"]


def test_an_alarm_is_counted_from_the_day_of_the_change(contracts):
    times = np.arange(0.0, 365.0, 0.1)
    errors = (times >= real_time.CHANGE_DAY).astype(float)
    found = real_time._alarms(times, errors, TINY, contracts)
    assert found["alarms before"] == 0
    assert found["baskets until it"] == 7  # the sum climbs by nearly 1 a basket, the threshold is 6
    assert found["day of the first"] == pytest.approx(real_time.CHANGE_DAY + 0.6)
    quiet = real_time._alarms(times, 0 * errors, TINY, contracts)
    assert quiet["day of the first"] is None


# ---------------------------------------------------------------------- click models


def test_impressions_know_nothing_of_later_baskets(stream, contracts):
    some = stream.where(stream.time < 60)
    whole = Impressions.of(some, TINY, contracts, progress=False)
    first = Impressions.of(some.where(some.time < 40), TINY, contracts, progress=False)
    assert 0 < len(first.times) < len(whole.times)
    for part, every in zip(first.events(), whole.events(), strict=False):
        assert part[0] == every[0]
        assert (part[1] == every[1]).all()
        assert (part[2] == every[2]).all()
    assert 0 < np.concatenate(whole.labels).mean() < 1


def test_the_weekly_model_answers_from_what_it_was_fitted_to_when_the_week_began():
    rng = np.random.default_rng(0)
    features = rng.integers(0, 2**TINY.n_bits, size=(40, 4))
    labels = np.arange(40) % 2
    model = real_time._Weekly(TINY)
    assert (model.predict(1.0, features) == 0.5).all()
    model.learn(1.0, features, labels)
    assert (model.predict(1.5, features) == 21 / 42).all()  # nothing was fitted before
    monday = model.predict(9.0, features)
    assert ((monday > 0.5) == (labels == 1)).all()
    model.learn(9.0, features, 1 - labels)
    model.learn(9.0, features, 1 - labels)
    assert (model.predict(10.0, features) == monday).all()
    assert ((model.predict(17.0, features) > 0.5) == (labels == 0)).all()


# ---------------------------------------------------------------------- two towers


def test_live_states_at_the_cut_are_the_histories_that_the_towers_were_trained_on(towers):
    """The vectors that the recommender's trainer gives, from the same weights."""
    trainer = real_time.Trainer(
        towers.past,
        towers.purchases,
        TINY.towers,
        {"pool_history": real_time._mean_of_history},
        wide=False,
        seed=TINY.seed,
    )
    trainer.module.users.load_state_dict(towers.users.state_dict())
    trainer.module.items.forward = lambda items: towers.inputs[items]
    week, households = real_time.TEST_WEEK, towers.households()
    everybody = np.arange(len(households))
    at = trainer.histories(everybody, np.full(len(everybody), week))
    expected = trainer.module.eval().user_vectors(at.items, at.mask, at.ages).detach().numpy()
    found = np.stack([towers.query(households[household], week) for household in everybody])
    np.testing.assert_allclose(found[:, :-1] / towers.scale, expected, atol=1e-6)
    assert (found[:, -1] == 1).all()


def test_nothing_of_the_test_weeks_reaches_the_towers(towers, tmp_path):
    cut = 7.0 * real_time.TEST_WEEK - 13
    assert week_of(cut) == real_time.TEST_WEEK > week_of(cut - 0.01)
    same = trained(made_stream(other_from=cut), tmp_path / "same")
    other = trained(made_stream(other_from=cut - 7), tmp_path / "other")
    assert (same.items == towers.items).all()
    assert (other.items != towers.items).any()


def test_a_live_state_moves_and_a_frozen_one_does_not_and_neither_repeats_what_is_known(towers):
    index = ExactIndex(towers.items)
    for live in (True, False):
        model = LiveTwoTower(towers, index, live=live)
        before = model.predict(335.0, 0)
        known = set(towers.households()[0].last)
        assert len(before) == 20
        assert not known & set(before)
        model.learn(335.0, 0, before[:3])
        after = model.predict(335.0, 0)
        assert not (known | set(before[:3])) & set(after)
        kept = [item for item in after if item in before] == before[3:]
        assert kept or live
    moved = towers.households()[0]
    moved.add(49, range(16))
    assert (towers.query(moved, 49) != towers.query(towers.households()[0], 49)).any()


def test_a_stranger_gets_a_list_and_an_item_counts_once_a_week(towers):
    model = LiveTwoTower(towers, ExactIndex(towers.items))
    assert len(model.predict(335.0, 10**9)) == 20
    household = real_time.Household([], [], {})
    household.add(49, [3, 4, 3])
    household.add(49, [4])
    household.add(50, [4])
    assert (household.items, household.weeks) == ([3, 4, 4], [49, 49, 50])


def test_new_items_are_those_that_the_household_never_bought(stream, towers):
    found = NewItems.of(stream, towers.purchases)
    assert max(time for time, _, _ in found.before) < min(time for time, _, _ in found.after)
    bought: dict[int, set[int]] = {}
    for _, household, items in found.before:
        bought.setdefault(household, set()).update(items)
    assert {key: set(state.last) for key, state in towers.households().items()} == bought
    for _, household, (items, new) in found.after:
        assert new == [item for item in items if item not in bought[household]]
        bought[household].update(items)


# ---------------------------------------------------------------------- indexes


def test_the_graph_finds_what_exact_search_finds_and_does_so_when_read_back():
    rng = np.random.default_rng(0)
    items = rng.normal(size=(500, 6)).astype(np.float32)
    exact, graph = ExactIndex(items), HNSWIndex(items, TINY)
    again = pickle.loads(pickle.dumps(graph))
    for query in rng.normal(size=(20, 6)).astype(np.float32):
        wanted = exact.search(query, 20)
        assert (np.sort(items @ query)[::-1][:20] == items[wanted] @ query).all()
        assert np.isin(graph.search(query, 20), wanted).mean() > 0.9
        assert (again.search(query, 20) == graph.search(query, 20)).all()


def test_what_ties_with_the_last_of_the_exact_ones_is_found_too():
    items = np.array([[3.0], [2.0], [2.0], [1.0]], np.float32)
    query = [np.ones(1, np.float32)]

    def overlap(found: list[int]) -> float:
        return real_time._overlap(items, query, [np.array(found)], [np.array([0, 1])])

    assert overlap([0, 2]) == 1.0
    assert overlap([0, 3]) == 0.5


# ---------------------------------------------------------------------- all together


@pytest.fixture
def run(contracts, monkeypatch, tmp_path):
    def run(folder: str, **changes):
        shop = made_stream()
        monkeypatch.setattr(real_time, "load_stream", lambda: shop)
        monkeypatch.setattr(real_time, "load_purchases", lambda unit: purchases_of(shop))
        settings = dataclasses.replace(TINY, **changes)
        return real_time.run(settings, contracts, tmp_path / folder, progress=False)

    return run


@pytest.mark.slow
def test_a_second_run_gives_the_same_figures_but_for_the_timings(run):
    first, second = run("one"), run("two", requests=5, connections=(2,))
    timings = first.pop("timings")
    assert json.loads(json.dumps(first)) == {
        name: value for name, value in second.items() if name != "timings"
    }
    for table in (*first.values(), *timings.values()):
        assert len({name for row in table for name in row}) <= 7
    rows = {row["model"]: row["recall@20"] for row in first["new products, two-tower"]}
    assert rows["two-tower, live states"] == rows["two-tower, live states, HNSW"]
    assert len(timings["service"]) == 3 * 2 * 2
    for row in timings["service"]:
        assert row["requests"] == TINY.requests
        assert 0 < row["p50 ms"] <= row["p99 ms"]
        assert row["requests/s"] > 0


@pytest.mark.slow
def test_the_service_ends_with_its_block_and_questions_end_in_time(towers, stream, tmp_path):
    model = real_time._InSeconds(LiveTwoTower(towers, ExactIndex(towers.items)))
    new = NewItems.of(stream, towers.purchases)
    with real_time._service(tmp_path, model, TINY) as port:
        endless = dict(real_time._requests(new, 1, dataclasses.replace(TINY, requests=10**5)))
        latencies, seconds = asyncio.run(
            real_time._ask(port, endless["GET /recommendations"], 2, seconds=0.3)
        )
        assert 0 < len(latencies) < 10**5
        assert seconds < 10
        with pytest.raises(RuntimeError, match="404"):
            asyncio.run(real_time._ask(port, [b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"], 1, 1.0))
    with pytest.raises(OSError, match=r"."):
        asyncio.run(real_time._ask(port, endless["POST /events"], 1, 1.0))
