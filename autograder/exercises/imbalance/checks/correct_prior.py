"""Checks of the prior correction, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close


def _corrected(case: Case, p: np.ndarray, *rates: float, what: str) -> None:
    def read(value: Any) -> np.ndarray:
        value = np.float64(value) if isinstance(value, float) and p.ndim == 0 else value
        value = np.asarray(value) if isinstance(value, np.float64) else value
        return case.array(value, "p", shape=p.shape, kinds="f", bounds=(0.0, 1.0))

    # no absolute tolerance: 0 stays 0, and small probabilities count
    case.matches_reference(p, *rates, read=read, close=close(rtol=1e-6, atol=0.0), what=what)


def _rates(case: Case) -> tuple[float, float]:
    return (
        float(np.round(case.rng.uniform(0.3, 0.6), 3)),
        float(np.round(case.rng.uniform(0.02, 0.2), 3)),
    )


@check(
    "correct_prior",
    "the odds are multiplied by the true odds over the training odds",
    advice="odds = p / (1 - p); multiply by (true / (1 - true)) / (train / (1 - train)); turn back "
    "into a probability with odds / (1 + odds).",
    core=True,
    seeds=(3, 1),
)
def prior_value(case: Case) -> None:
    p = np.round(case.rng.uniform(0.01, 0.99, 40), 6)
    _corrected(case, p, *_rates(case), what="The corrected probabilities are wrong.")


@check(
    "correct_prior",
    "the correction works both ways, and equal rates change nothing",
    advice="Nothing in the formula assumes that training had more positives than the world has.",
    weight=0.5,
)
def prior_both_ways(case: Case) -> None:
    p = np.round(case.rng.uniform(0.01, 0.99, 30), 6)
    train, true = _rates(case)
    _corrected(case, p, true, train, what="Correcting towards a higher rate is wrong.")
    _corrected(case, p, train, train, what="Equal rates must leave p as it is.")


@check(
    "correct_prior",
    "any shape, and 0 and 1 stay",
    advice="Avoid dividing by 1 - p: p t / (p t + (1 - p) u), with t = true / train and "
    "u = (1 - true) / (1 - train), needs no infinity.",
)
def prior_edges(case: Case) -> None:
    rates = _rates(case)
    _corrected(case, np.array([[0.0, 1.0, 0.5], [1.0, 0.25, 0.0]]), *rates, what="0 and 1 stay.")
    _corrected(case, np.array([1e-12, 1e-7]), *rates, what="Very small probabilities are wrong.")
    _corrected(case, np.array(0.4), *rates, what="A 0-d p is wrong.")
    _corrected(case, np.zeros((0, 2)), *rates, what="An empty p stays empty.")


@check(
    "correct_prior",
    "p is left alone",
    advice="Build a new array; `p *= ...` changes the caller's.",
    weight=0.25,
    seeds=(1, 0),
)
def prior_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.linspace(0.1, 0.9, 5), 0.5, 0.1)


@check(
    "correct_prior",
    "a rate outside (0, 1) is refused",
    advice="Odds of 0 and infinity cannot be corrected: raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def prior_refuses(case: Case) -> None:
    p = np.array([0.2, 0.6])
    for train, true in ((0.0, 0.1), (1.0, 0.1), (0.5, 0.0), (0.5, 1.5)):
        case.refuses(p, train, true, why=f"train_rate = {train:g}, true_rate = {true:g}")
