"""Checks of the cheapest threshold: no other costs less."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check, close


def total_cost(y: np.ndarray, p: np.ndarray, t: float, fn_cost: float, fp_cost: float) -> float:
    decided = p >= t
    missed, wasted = int((y & ~decided).sum()), int((~y & decided).sum())
    return fn_cost * missed + fp_cost * wasted


def _threshold(case: Case, y: np.ndarray, p: np.ndarray, fn_cost: float, fp_cost: float) -> None:
    truth = y.astype(bool)

    def outcome(t: float) -> float:
        return total_cost(truth, p, t, fn_cost, fp_cost)

    case.matches_reference(
        y,
        p,
        fn_cost,
        fp_cost,
        read=lambda value: case.number(value, "The threshold"),
        view=outcome,
        close=close(rtol=1e-9, atol=1e-9),
        what="Deciding p >= t at your threshold costs more than it has to.",
    )


def _scored_rows(case: Case, digits: int) -> tuple[np.ndarray, np.ndarray]:
    y = case.rng.random(70) < 0.25
    y[:2] = (True, False)
    p = np.round(np.clip(case.rng.beta(2, 5, 70) + 0.25 * y, 0.001, 0.999), digits)
    return y, p


@check(
    "best_threshold",
    "no threshold costs less",
    advice="Try every distinct p as a threshold, and one above the largest; compare their costs.",
    core=True,
    seeds=(4, 1),
)
def threshold_is_optimal(case: Case) -> None:
    y, p = _scored_rows(case, 6)
    fn_cost = float(np.round(case.rng.uniform(3, 9), 1))
    _threshold(case, y if case.rng.random() < 0.5 else y.astype(np.int64), p, fn_cost, 1.0)
    _threshold(case, y, p, 1.0, float(np.round(case.rng.uniform(2, 5), 1)))
    close_by = np.array([0.40001, 0.40002, 0.40003, 0.9])
    _threshold(case, np.array([0, 0, 1, 1]), close_by, 3.0, 1.0)


@check(
    "best_threshold",
    "tied probabilities are decided together",
    advice="A threshold cannot separate equal probabilities: only distinct values count.",
    seeds=(3, 1),
)
def threshold_with_ties(case: Case) -> None:
    y, p = _scored_rows(case, 1)
    _threshold(case, y, p, 4.0, 1.0)
    _threshold(case, np.array([1] + [0] * 9), np.full(10, 0.5), 4.0, 1.0)


@check(
    "best_threshold",
    "'nobody' and 'everybody' are choices too",
    advice="'Nobody' needs a finite t above the largest p, 'everybody' one at most the smallest.",
)
def threshold_extremes(case: Case) -> None:
    y, p = _scored_rows(case, 3)
    _threshold(case, y, p, 0.0, 1.0)
    _threshold(case, y, p, 1.0, 0.0)
    _threshold(case, np.zeros(5, np.int64), np.array([0.2, 0.9, 1.0, 0.4, 1.0]), 5.0, 1.0)
    _threshold(case, np.ones(4, np.int64), np.array([0.0, 0.9, 0.3, 0.0]), 5.0, 1.0)
    _threshold(case, np.array([1, 0, 0, 0]), np.array([0.1, 0.9, 0.8, 0.7]), 1.0, 1.0)


@check(
    "best_threshold",
    "y_true and p are left alone",
    advice="Sort a copy: `np.sort(p)` or `np.unique(p)`; `p.sort()` changes the caller's array.",
    weight=0.5,
    seeds=(1, 0),
)
def threshold_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.array([0, 1, 1, 0]), np.array([0.3, 0.9, 0.1, 0.4]), 5.0, 1.0)
