"""Checks of average precision, against the reference's."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check, close

FLOATS = close(rtol=1e-6, atol=1e-8)


def _average_precision(case: Case, y: np.ndarray, scores: np.ndarray, what: str) -> None:
    case.matches_reference(
        y,
        scores,
        read=lambda value: case.number(value, "The average precision"),
        close=FLOATS,
        what=what,
    )


@check(
    "average_precision",
    "distinct scores: the sum of precision times the gain in recall",
    advice="Sort by score, best first; at each hit add precision / number of positives.",
    core=True,
    seeds=(3, 1),
)
def ap_of_distinct_scores(case: Case) -> None:
    y = case.rng.random(60) < 0.25
    y[case.rng.integers(60)] = True
    scores = np.round(case.rng.permutation(60) / 60 + 0.4 * y, 6) + np.arange(60) * 1e-8
    labels = y if case.rng.random() < 0.5 else y.astype(np.int64)
    _average_precision(case, labels, scores, "The average precision of untied scores is wrong.")


@check(
    "average_precision",
    "equal scores form one step",
    advice="Take precision and recall only at the last row of each run of equal scores.",
    core=True,
    seeds=(3, 1),
)
def ap_of_tied_scores(case: Case) -> None:
    y = (case.rng.random(80) < 0.3).astype(np.int64)
    y[:2] = (1, 0)
    scores = np.round(case.rng.random(80) + 0.3 * y, 1)
    _average_precision(case, y, scores, "The average precision of tied scores is wrong.")


@check(
    "average_precision",
    "limits: constant scores give the positive rate, a perfect ranking gives 1",
    advice="With one step only, precision is the positive rate and recall goes from 0 to 1.",
    weight=0.5,
)
def ap_at_the_limits(case: Case) -> None:
    y = np.zeros(25, np.int64)
    y[case.rng.choice(25, int(case.rng.integers(2, 9)), replace=False)] = 1
    _average_precision(case, y, np.full(25, 0.5), "Constant scores must give the positive rate.")
    _average_precision(case, y, y * 2.0 - 5.0, "A perfect ranking must give 1.")
    _average_precision(case, y, -y * 1.0, "The worst ranking is wrong.")
    _average_precision(case, np.ones(3, np.int64), np.arange(3.0), "All positives must give 1.")


@check(
    "average_precision",
    "no positives is refused",
    advice="Recall divides by the number of positives: raise ValueError when there is none.",
    weight=0.5,
    seeds=(1, 0),
)
def ap_refuses(case: Case) -> None:
    case.refuses(np.zeros(5, np.int64), np.arange(5.0), why="a y_true without positives")


@check(
    "average_precision",
    "y_true and scores are left alone",
    advice="Sort a copy: `np.argsort` gives the order, `scores.sort()` changes the caller's array.",
    weight=0.5,
    seeds=(1, 0),
)
def ap_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.array([0, 1, 1, 0, 1]), np.array([0.3, 0.9, 0.1, 0.4, 0.2]))
