"""The recommender's pipeline on a small made shop: no leak, the same figures again, resuming."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import torch

from shelfspace.data import Purchases
from shelfspace.pipelines import recommender
from shelfspace.pipelines.recommender import Past, Settings, Trainer

N_HOUSEHOLDS, N_ITEMS = 40, 260
TINY = Settings("product_type", width=8, steps=12, households=16, positives=3, history=32)


def made_shop(seed: int = 0, other_from: int | None = None) -> Purchases:
    """Households that buy from their own corner; from week `other_from` on, from everywhere."""
    rng = np.random.default_rng(seed)
    rows = [
        (household, item, 7 * week - 6, week, 1000 * household + week, 1)
        for week in range(1, 54)
        for household in range(N_HOUSEHOLDS)
        for item in np.unique((household * 6 + rng.integers(0, 60, size=4)) % N_ITEMS)
    ]
    names = ["household", "item", "day", "week", "basket_id", "lines"]
    events = pd.DataFrame(rows, columns=names)
    if other_from is not None:
        later = (events["week"] >= other_from).to_numpy()
        events.loc[later, "item"] = np.random.default_rng(99).integers(N_ITEMS, size=later.sum())
        events = events.drop_duplicates(["household", "item", "week"]).reset_index(drop=True)
    items = pd.DataFrame(
        {
            "product_type": [f"type {item}" for item in range(N_ITEMS)],
            "product_category": [f"category {item // 10}" for item in range(N_ITEMS)],
            "department": [f"department {item // 50}" for item in range(N_ITEMS)],
        }
    )
    return Purchases(events, items, pd.DataFrame({"household_id": np.arange(N_HOUSEHOLDS)}))


def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    after = events[events["week"].between(cut_week, cut_week + horizon - 1)]
    return history, after[after["household_id"].isin(history["household_id"])]


def ndcg_recall(ranked, relevant, k):
    hits = np.isin(list(ranked)[:k], relevant)
    gains = 1 / np.log2(np.arange(2, k + 2))
    most = min(k, len(relevant))
    return (hits * gains[: len(hits)]).sum() / gains[:most].sum(), hits.sum() / most


def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T / temperature - log_q
    same = (item_ids[:, None] == item_ids) & ~torch.eye(len(item_ids), dtype=torch.bool)
    labels = torch.arange(len(item_ids))
    return torch.nn.functional.cross_entropy(logits.masked_fill(same, -torch.inf), labels)


def pool_history(vectors, mask, ages, half_life):
    weights = mask * 0.5 ** (ages / half_life)
    total = (vectors.nan_to_num() * weights.unsqueeze(-1)).sum(1)
    return total / weights.sum(1, keepdim=True).clamp_min(1e-30)


def recommend(user_vectors, item_vectors, seen, k):
    scores = user_vectors @ item_vectors.T
    for row, items in zip(scores, seen, strict=True):
        row[items] = -np.inf
    return np.argsort(-scores, kind="stable")[:, :k]


def neighbour_scores(purchases, k):
    return purchases.toarray() * 0.5


def fuse_rankings(rankings, weights, k=60):
    points: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for place, item in enumerate(ranking, start=1):
            points[item] = points.get(item, 0) + weight / (k + place)
    return sorted(points, key=lambda item: -points[item])


CONTRACTS = {name: globals()[name] for name in recommender.CONTRACTS}


@pytest.fixture
def run(monkeypatch, tmp_path):
    def run(purchases=None, contracts=CONTRACTS, folder="run", **changes):
        shop = made_shop() if purchases is None else purchases
        monkeypatch.setattr(recommender, "load_purchases", lambda unit: shop)
        settings = dataclasses.replace(TINY, **changes)
        return recommender.run(settings, contracts, tmp_path / folder, progress=False)

    return run


def test_the_tables_hold_every_control_and_a_second_run_gives_the_same_figures(run):
    figures = run(folder="one")
    names = {row["model"] for row in figures["new"]["rows"]}
    controls = {
        "two-tower without log Q",
        "two-tower, untrained",
        "SVD, 8 dimensions",
        "popularity, last 8 weeks",
        "EASE + recent popularity",
    }
    assert controls <= names
    assert "personal frequency" in {row["model"] for row in figures["all"]["rows"]}
    assert json.loads(json.dumps(figures)) == run(folder="two")


def test_no_choice_depends_on_the_test_weeks(run):
    before, after = run(folder="one"), run(made_shop(other_from=49), folder="two")
    for task in ("new", "all"):
        assert before[task]["chosen"] == after[task]["chosen"]
        for left, right in zip(before[task]["rows"], after[task]["rows"], strict=True):
            assert left["validation NDCG@20"] == right["validation NDCG@20"]
        assert [row["test NDCG@20"] for row in before[task]["rows"]] != [
            row["test NDCG@20"] for row in after[task]["rows"]
        ]


def vectors_at(purchases: Purchases, cut: int, folder) -> tuple[np.ndarray, np.ndarray]:
    events = purchases.events.rename(columns={"household": "household_id", "item": "item_id"})
    past = Past.of(temporal_split(events, cut, 4)[0], cut, (N_HOUSEHOLDS, N_ITEMS))
    trainer = Trainer(past, purchases, TINY, CONTRACTS)
    trainer.train(folder, progress=False)
    return trainer.vectors()


def test_nothing_after_the_cut_reaches_a_model(tmp_path):
    plain = vectors_at(made_shop(), 45, tmp_path / "plain")
    perturbed = vectors_at(made_shop(other_from=45), 45, tmp_path / "perturbed")
    earlier = vectors_at(made_shop(other_from=44), 45, tmp_path / "earlier")
    for mine, same, other in zip(plain, perturbed, earlier, strict=True):
        assert (mine == same).all()
        assert (mine != other).any()


def test_an_interrupted_run_goes_on_to_the_same_figures(run):
    whole = run(folder="whole")
    calls = []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 18:  # in the second of the trainings
            raise KeyboardInterrupt
        return sampled_softmax(*args)

    with pytest.raises(KeyboardInterrupt):
        run(contracts=CONTRACTS | {"sampled_softmax": interrupted}, folder="resumed")
    again = []

    def counted(*args):
        again.append(1)
        return sampled_softmax(*args)

    resumed = run(contracts=CONTRACTS | {"sampled_softmax": counted}, folder="resumed")
    assert resumed == whole
    assert len(again) < 4 * TINY.steps  # two models at two cuts, less what was done


def test_a_household_without_baskets_has_finite_vectors_and_no_say(run, tmp_path):
    shop = made_shop()
    events = shop.events[shop.events["household"] != 3].reset_index(drop=True)
    without = Purchases(events, shop.items, shop.households)
    users, items = vectors_at(without, 45, tmp_path / "x")
    assert np.isfinite(users).all()
    assert np.isfinite(items).all()
    assert run(without)["all"]["differences"][0]["households"] == N_HOUSEHOLDS - 1


def test_items_hidden_from_training_are_represented_without_their_id(tmp_path):
    shop = made_shop()
    cold = np.zeros(N_ITEMS, bool)
    cold[::7] = True
    events = shop.events.rename(columns={"household": "household_id", "item": "item_id"})
    history = temporal_split(events, 45, 4)[0]
    history = history[~cold[history["item_id"]]]
    past = Past.of(history, 45, (N_HOUSEHOLDS, N_ITEMS))
    trainer = Trainer(past, shop, TINY, CONTRACTS, cold=cold)
    trainer.train(tmp_path, progress=False)
    before = trainer.vectors()[1]
    with torch.no_grad():
        trainer.module.items.ids.weight += 1.0
    after = trainer.vectors()[1]
    assert (before[cold] == after[cold]).all()
    assert (before[~cold] != after[~cold]).any(axis=1).all()
