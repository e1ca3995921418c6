"""The pipeline of fairness, on small shops and an injustice that are made up."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from corpus import ROOT
from test_pipeline_features import TINY as ENCODER
from test_pipeline_features import make_journey

from autograder.contracts import load_contracts
from shelfspace.data import BiasedSample, Journey, Purchases, RecordedRows, Truth, build_purchases
from shelfspace.models import WithHead
from shelfspace.pipelines import fairness, feature_extraction
from shelfspace.pipelines.fairness import AGE, Hider, Market, Settings, linear_erasure

TINY = Settings(
    encoder=dataclasses.replace(ENCODER, batch=64),
    strengths=(10.0,),
    hiding_steps=4,
    refits=3,
    bootstrap=20,
    target_shares=(0.6,),
    samples=2,
    penalties=(10.0,),
)
N_HOUSEHOLDS, N_ITEMS = 60, 240


@pytest.fixture(scope="module")
def contracts():
    return load_contracts(ROOT / "solutions" / "fairness" / "fairness.ipynb", fairness.CONTRACTS)


# What is made up


def journey_with_demographics() -> Journey:
    """160 households, of which 120 told their age and income."""
    journey = make_journey(households=160)
    income = pd.CategoricalDtype(["35-49K", "50-74K", "75-99K"], ordered=True)
    values = np.random.default_rng(2).choice(income.categories, 160)
    told = journey.demographics.assign(income=pd.Categorical(values, dtype=income))
    return dataclasses.replace(journey, demographics=told.iloc[:120])


def made_products(other_from: int = 99, seed: int = 1) -> Purchases:
    """Households that buy from their own corner; from week `other_from` on, from everywhere."""
    rng, other = np.random.default_rng(0), np.random.default_rng(seed)
    rows = []
    for week in range(1, 54):
        for household in range(N_HOUSEHOLDS):
            own = (household * 4 + rng.integers(0, 50, size=3)) % N_ITEMS
            items = own if week < other_from else other.integers(N_ITEMS, size=3)
            basket = 1000 * household + week
            rows += [(household, item, 7 * week - 6, week, basket, 1) for item in np.unique(items)]
    names = ["household", "item", "day", "week", "basket_id", "lines"]
    number = np.arange(N_ITEMS)
    items = pd.DataFrame({"product_id": number, "manufacturer_id": number**2 // 400})
    households = pd.DataFrame({"household_id": np.arange(N_HOUSEHOLDS)})
    return Purchases(pd.DataFrame(rows, columns=names), items, households)


def made_sample(seed: int) -> tuple[BiasedSample, Truth]:
    """Two features that make the label, a zone that gives the group away, two fifths erased."""
    rng = np.random.default_rng(seed)
    group = rng.integers(2, size=3000)
    features = rng.normal(size=(3000, 2))
    y = (features.sum(1) + rng.normal(size=3000) > 1.2).astype(int)
    erased = (group == 1) & (rng.random(3000) < 0.4)
    X, other = (np.column_stack([features, side]) for side in (group, 1 - group))
    train, test = slice(0, 1500), slice(1500, 3000)
    recorded = RecordedRows(X[train], np.where(erased, 0, y)[train], group[train])
    sample = BiasedSample(recorded, X[test], ("a", "b", "zone"))
    number = np.arange(1500)
    return sample, Truth(0.4, y[train], y[test], group[test], number, number, other[test])


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it in the place of the real data."""
    journey = journey_with_demographics()
    by_unit = {unit: build_purchases(journey, unit) for unit in ("product", "product_type")}
    for module in (feature_extraction, fairness):
        monkeypatch.setattr(module, "load_journey", lambda: journey)
    monkeypatch.setattr(feature_extraction, "load_purchases", by_unit.__getitem__)
    monkeypatch.setattr(fairness, "load_purchases", lambda unit: made_products())
    monkeypatch.setattr(fairness, "LARGE_MAKERS", 60)
    monkeypatch.setattr(fairness, "biased_sample", made_sample)


# The run


def tables_of(figures: Any) -> list[list[dict[str, Any]]]:
    if isinstance(figures, dict):
        return [table for part in figures.values() for table in tables_of(part)]
    return [figures] if isinstance(figures, list) and isinstance(figures[0], dict) else []


@pytest.mark.slow
def test_a_run_has_every_control_and_an_interrupted_one_ends_with_the_same_figures(
    in_place, contracts, tmp_path, monkeypatch
):
    whole = fairness.run(TINY, contracts, tmp_path / "whole", progress=False)
    assert json.loads(json.dumps(whole)) == whole
    for table in tables_of(whole):
        assert all(len(row) <= 7 for row in table)
    audited = {row["features"] for row in whole["audit"]["predicted back"]}
    assert {
        "encoder, trained",
        "encoder, untrained",
        "TF-IDF of product types",
        "recency, frequency, money",
    } == audited
    ways = {row["way"] for row in whole["hiding"]["leakage"]}
    assert {"encoder, nothing hidden", "gradient reversal, 10", "linear erasure"} < ways
    assert whole["exposure"]["price"][0]["loss in %"] == 0.0

    real, calls = fairness._contrastive, []

    def fails(*args):
        calls.append(1)
        if len(calls) == ENCODER.steps + TINY.hiding_steps + 2:  # in the second of the hidings
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(fairness, "_contrastive", fails)
        with pytest.raises(KeyboardInterrupt):
            fairness.run(TINY, contracts, tmp_path / "again", progress=False)
    assert fairness.run(TINY, contracts, tmp_path / "again", progress=False) == whole


def test_unknown_attributes_take_no_part_and_the_adversary_sees_training_households_only(
    in_place, contracts, tmp_path
):
    study = fairness._Study(TINY, contracts, tmp_path, False, torch.device("cpu"))
    told = study.shop.products.households["household_id"].to_numpy() < 120
    assert (np.isfinite(study.attributes[AGE]) == told).all()
    assert not np.isin(study.held_out, study.shop.training).any()
    batch = study._labelled_batches(np.random.default_rng(0))[0]
    chosen = np.random.default_rng(0).choice(study.shop.training, len(batch[2]), replace=False)
    assert np.array_equal(batch[2].numpy(), study.attributes[AGE][chosen], equal_nan=True)
    known = study._known(AGE, study.held_out)
    leakage = study._leakage(lambda who, _: study.attributes[AGE][who, None], AGE, known)
    assert leakage.auc == 1.0
    assert leakage.minus(leakage) == {"in AUC": 0.0, "95 % low": 0.0, "95 % high": 0.0}


@pytest.mark.slow
def test_the_transformer_takes_the_place_of_the_bag_in_chunks(in_place, contracts, tmp_path):
    sizes = {"layers": 1, "width": 8, "heads": 2, "feed_forward": 16, "max_events": 20}
    encoder = dataclasses.replace(
        TINY.encoder, encoder="events", unit="product", steps=2, chunk_rows=24, **sizes
    )
    settings = dataclasses.replace(TINY, encoder=encoder)
    study = fairness._Study(settings, contracts, tmp_path, False, torch.device("cpu"))
    households = study.held_out[:5]
    hidden, control = (
        study._hide(strength).features(households, fairness.WHOLE) for strength in (10.0, 0.0)
    )
    before = study.trained.features(households, fairness.WHOLE)
    assert np.isfinite(hidden).all()
    assert not np.array_equal(hidden, control)
    assert not np.array_equal(control, before)


# Hiding


def test_erasure_leaves_no_covariance_and_moves_rows_along_one_direction():
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=400).astype(float)
    X = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)) + np.outer(label, rng.normal(size=6))
    erased = linear_erasure(X, label)(X)
    centred = label - label.mean()
    assert np.abs((X - X.mean(0)).T @ centred).max() > 10
    assert np.abs((erased - erased.mean(0)).T @ centred).max() < 1e-9
    assert np.linalg.matrix_rank(erased - X, tol=1e-8) == 1
    assert np.allclose(erased.mean(0), X.mean(0))


class _Encoder(torch.nn.Linear):
    out_width = 3


def gradients(strength: float, adversary: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the encoder and of the adversary, for one batch."""
    rng = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 8, 3, generator=rng)
    label = torch.tensor([0.0, 1.0] * 3 + [float("nan")] * 2)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = WithHead(_Encoder(3, 3), 3, seed=1)
    hider = Hider(module, strength, seed=2)
    loss = fairness._hiding_loss(0.1, 5.0)
    if not adversary:
        label = torch.full_like(label, float("nan"))
    batch = ((a,), (b,), label)
    loss(batch, *fairness._embed(hider, batch)).backward()
    return module.encoder.weight.grad, hider.adversary[1].weight.grad


def test_the_reversal_turns_the_encoders_gradient_and_not_the_adversarys():
    alone, nothing = gradients(1.0, adversary=False)
    none, own = gradients(0.0)
    one, same = gradients(1.0)
    many, _ = gradients(10.0)
    assert torch.equal(alone, none)
    assert not nothing.any()  # no label is known, and the loss stays finite
    assert torch.equal(own, same)
    assert own.abs().max() > 0
    assert torch.allclose(many - none, 10 * (one - none), atol=1e-5)
    assert (one - none).abs().max() > 1e-5


def test_views_are_disjoint_halves_of_the_weeks():
    weeks = np.sort(np.random.default_rng(0).integers(1, 49, size=200))
    a, b = fairness._halves_of_weeks(weeks, 4, 24, np.random.default_rng(1))
    assert (a ^ b).all()
    assert not set(weeks[a]) & set(weeks[b])
    assert abs(len(set(weeks[a])) - len(set(weeks[b]))) <= 1


# Exposure


@pytest.fixture
def market(monkeypatch) -> Market:
    monkeypatch.setattr(fairness, "LARGE_MAKERS", 60)
    return fairness._market(made_products(), 45)


def test_a_market_knows_nothing_after_its_cut_and_asks_for_new_products_only(market):
    assert np.isfinite(market.popularity).all()
    bought = np.isneginf(market.ease)
    assert bought.any(axis=1).all()
    for household, items in enumerate(market.targets):
        assert len(items)
        assert not bought[household, items].any()
    one, two = (fairness._market(made_products(45, seed), 45) for seed in (1, 2))
    earlier = fairness._market(made_products(44), 45)
    # Who has targets depends on later weeks, and with random purchases everybody has some.
    assert len(one.targets) == len(two.targets) == len(earlier.targets) == N_HOUSEHOLDS
    assert not np.array_equal(one.targets[0], two.targets[0])
    assert np.array_equal(one.ease, two.ease)
    assert np.array_equal(one.small, two.small)
    assert not np.array_equal(one.ease, earlier.ease)


def test_no_bonus_brings_in_a_product_that_is_no_candidate(market):
    items, scores = market.candidates(0.5)
    everything = (market.ease + np.float32(0.5) * market.popularity).astype(float)
    flags = np.arange(2 * fairness.K) < fairness.K
    assert market.small[items[:, flags]].all()
    assert not market.small[items[:, ~flags]].any()
    for bonus in (-3.0, -0.3, 0.0, 0.2, 1.0, 5.0):
        best = np.argsort(-(everything + bonus * market.small), 1, kind="stable")
        places = np.argsort(-(scores + bonus * flags), 1, kind="stable")[:, : fairness.K]
        assert np.array_equal(np.take_along_axis(items, places, 1), best[:, : fairness.K])


def test_ndcg_is_1_for_what_was_bought_and_exposure_over_merit_for_what_was_shown(market):
    perfect = np.array([np.resize(items, fairness.K) for items in market.targets])
    short = np.array([len(items) for items in market.targets]) < fairness.K
    perfect[np.arange(fairness.K) >= np.array([len(t) for t in market.targets])[:, None]] = -1
    assert short.any()
    assert np.allclose(market.ndcg(perfect), 1.0)
    rows = np.arange(len(market.targets))[None]
    small = np.flatnonzero(market.small)[: fairness.K]
    shown = market.exposure(np.tile(small, (len(market.targets), 1)), rows)
    assert shown["share of exposure"] == 1.0
    assert shown["exposure / merit"] == pytest.approx(1 / market.merit(), abs=1e-4)
    assert market.price(perfect, perfect, rows)["loss in %"] == 0.0


# Injected bias


def test_repairs_are_held_against_an_oracle(contracts, monkeypatch):
    monkeypatch.setattr(fairness, "biased_sample", made_sample)
    tables = fairness._injected_bias(TINY, contracts)
    rows = {row["model"]: row for row in tables["gaps"]}
    assert rows["oracle: trained on the truth"]["minus the oracle's"] == 0.0
    unaware = rows["unaware"]
    assert unaware["minus the oracle's"] > 0.1
    for model in ("reweighing", "fair_loss, 10", "corrected_loss, true rate", "fair_model"):
        assert rows[model]["minus the oracle's"] < unaware["minus the oracle's"]
        assert rows[model]["AUC, true"] > unaware["AUC, true"]
        assert rows[model]["AUC, recorded"] < unaware["AUC, recorded"]
        assert rows[model]["counterfactual gap"] < unaware["counterfactual gap"]


def test_a_linear_model_with_the_plain_loss_is_a_logistic_regression():
    sample, _ = made_sample(0)
    X, y = sample.train.X, sample.train.y_observed
    target = torch.from_numpy(y).double()
    loss = torch.nn.BCEWithLogitsLoss()
    ours = fairness._linear(X, lambda logits: loss(logits, target))(sample.X_test)
    assert np.abs(ours - fairness._regression(X, y)(sample.X_test)).max() < 1e-3


def test_an_interval_of_refits_is_centred_on_the_estimate():
    row = fairness._refit_interval("AUC", 0.8, np.array([0.70, 0.72, 0.74]))
    assert row == {"AUC": 0.8, "95 % low": 0.7608, "95 % high": 0.8392}


def test_full_size_is_the_full_size_encoder():
    assert fairness.SIZES["full"].encoder == feature_extraction.SIZES["full"]
