"""The coupon pipeline on every tenth household: no leak, the same figures again, resuming."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from corpus import IMBALANCE

from autograder.contracts import load_contracts
from shelfspace.data import ImbalanceTable, Purchases, imbalance_table, load_purchases
from shelfspace.pipelines import imbalance
from shelfspace.pipelines.imbalance import Mailings, Settings

TINY = Settings(width=16, layers=1, heads=2, feed_forward=32, max_events=12, steps=6, batch=32)
TINY = dataclasses.replace(TINY, validate_every=3, folds=3, bootstrap=20)


@pytest.fixture(scope="module")
def table() -> ImbalanceTable:
    whole = imbalance_table()
    rows = whole.groups % 10 == 0
    parts = {
        name: value if name == "feature_names" else value[rows]
        for name, value in vars(whole).items()
    }
    return ImbalanceTable(**parts)


@pytest.fixture(scope="module")
def purchases(table) -> Purchases:
    """What these households bought."""
    every = load_purchases("product_type")
    ids = every.households["household_id"].to_numpy()[every.events["household"]]
    return dataclasses.replace(every, events=every.events[np.isin(ids, table.groups)])


@pytest.fixture(scope="module")
def contracts():
    return load_contracts(IMBALANCE.reference, imbalance.CONTRACTS)


@pytest.fixture
def run(table, purchases, contracts, monkeypatch, tmp_path):
    monkeypatch.setattr(imbalance, "imbalance_table", lambda: table)
    monkeypatch.setattr(imbalance, "load_purchases", lambda unit: purchases)

    def run(folder: str = "run", **replaced):
        return imbalance.run(TINY, contracts | replaced, tmp_path / folder, progress=False)

    return run


def test_every_model_has_its_figures_and_the_simple_one_is_what_it_is_held_against(run):
    figures = run()
    rows = {row["model"]: row for row in figures["test"]}
    assert {"logistic regression", "boosted trees", "coupon_model"} <= set(rows)
    assert {f"transformer, {name} loss" for name in ("plain", "class-balanced", "focal")} <= set(
        rows
    )
    for name in rows:
        if name.endswith("corrected"):
            assert rows[name]["AP"] == rows[name.removesuffix(", corrected")]["AP"]
            assert rows[name]["mean p"] < rows[name.removesuffix(", corrected")]["mean p"]
    compared = {row["model"] for row in figures["differences"]}
    assert "logistic regression" not in compared
    assert all(row["95 % low"] <= row["95 % high"] for row in figures["differences"])


@pytest.mark.slow
def test_an_interrupted_run_goes_on_to_the_same_figures(run, contracts):
    whole = run("whole")
    calls = []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return contracts["focal_loss"](*args)

    with pytest.raises(KeyboardInterrupt):
        run("again", focal_loss=interrupted)
    assert run("again") == whole


def test_a_mailing_knows_the_days_before_its_campaign_only(table, purchases):
    known = Mailings.of(table, purchases, TINY)
    assert (known.ages[known.mask] >= 1).all()
    start = int(table.start_day.max())
    events = purchases.events.copy()
    later = (events["day"] >= start).to_numpy()
    events.loc[later, "item"] = np.random.default_rng(0).integers(
        purchases.n_items, size=later.sum()
    )
    perturbed = Mailings.of(table, dataclasses.replace(purchases, events=events), TINY)
    events = events[events["day"] < start - 60]
    earlier = Mailings.of(table, dataclasses.replace(purchases, events=events), TINY)
    assert torch.equal(known.items, perturbed.items)
    assert not torch.equal(known.items, earlier.items)


def test_a_household_without_earlier_purchases_gets_a_finite_probability(table, purchases):
    nothing = dataclasses.replace(purchases, events=purchases.events.iloc[:0])
    mailings = Mailings.of(table, nothing, TINY)
    assert not mailings.mask.any()
    model = imbalance._model(TINY, mailings.features.shape[1]).eval()
    p = imbalance._predict(model, mailings.rows(np.arange(40)), torch.device("cpu"))
    assert np.isfinite(p).all()
    assert ((p > 0) & (p < 1)).all()
