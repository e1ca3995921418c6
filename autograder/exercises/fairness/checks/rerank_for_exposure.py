"""Checks of re-ranking by one bonus, against the reference's lists.

Scores lie on a dyadic grid, so that sums are exact, and no two pairs of a flagged and another item
of one user are equally far apart: from one bonus to the next larger one at which a list changes is
more than the docstring's millionth, and the right lists are unique.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check

GRID = 2.0**-18


def _distinct_scores(case: Case, n_users: int, flagged: np.ndarray) -> np.ndarray:
    """(n_users, n_items) scores in [0, 1), flagged items somewhat lower; see the module's head."""
    while True:
        scores = case.rng.random((n_users, len(flagged))) * np.where(flagged, 0.7, 1.0)
        scores = np.round(scores / GRID) * GRID
        gaps = scores[:, flagged][:, :, None] - scores[:, ~flagged][:, None, :]
        if len(np.unique(gaps)) == gaps.size and len(np.unique(scores)) == scores.size:
            return scores


def _flags(case: Case, n_items: int, n_flagged: int) -> np.ndarray:
    flagged = np.zeros(n_items, bool)
    flagged[case.rng.choice(n_items, n_flagged, replace=False)] = True
    return flagged


def _lists(case: Case, *args: Any, what: str) -> None:
    """The lists are the reference's; args are scores, flagged, target_share and k."""
    scores, _, _, k = args

    def read(value: Any) -> np.ndarray:
        shape = len(scores), k
        bounds = (0, scores.shape[1] - 1)
        lists = case.array(value, "items", shape=shape, kinds="iu", bounds=bounds)
        if any(len(set(row)) < k for row in lists.tolist()):
            case.fail("A list holds an item twice.", got=lists)
        return lists

    case.matches_reference(*args, read=read, close=np.array_equal, what=what)


@check(
    "rerank_for_exposure",
    "too little exposure: the smallest bonus that brings the share within 0.05 of the target",
    advice="A larger bonus never lowers the share. Bisect on 'share >= target - 0.05', keeping an "
    "upper end where it holds.",
    core=True,
    seeds=(3, 1),
)
def bonus_lifts(case: Case) -> None:
    flagged = _flags(case, 14, 5)
    scores = _distinct_scores(case, 12, flagged)
    target = float(np.round(case.rng.uniform(0.45, 0.6), 3))
    _lists(case, scores, flagged, target, 5, what="The lists are not those of the smallest bonus.")


@check(
    "rerank_for_exposure",
    "too much exposure: a negative bonus, the smallest in size",
    advice="If the share is above the band without a bonus, bisect on 'share <= target + 0.05' for "
    "the size of a negative one.",
    seeds=(2, 1),
)
def bonus_lowers(case: Case) -> None:
    flagged = _flags(case, 14, 8)
    scores = _distinct_scores(case, 12, flagged)
    what = "The lists are not those of the negative bonus of smallest size."
    _lists(case, scores, flagged, float(np.round(case.rng.uniform(0.12, 0.2), 3)), 5, what=what)
    _lists(case, -200 - 1024 * scores, flagged, 0.2, 4, what="With scores of -1000: " + what)


@check(
    "rerank_for_exposure",
    "where the share is in the band already, the scores decide; ties go to the lower item number",
    advice="Try the bonus 0 first. np.argsort(-scores, axis=1, kind='stable') keeps ties in order.",
    weight=0.5,
    seeds=(2, 1),
)
def bonus_of_nothing(case: Case) -> None:
    scores = case.rng.integers(0, 4, (25, 12)).astype(float)
    flagged = _flags(case, 12, 5)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :4]
    worth = 1 / np.log2(np.arange(2, 6))
    share = float((flagged[order] * worth).sum() / (25 * worth.sum()))
    target = round(share + 0.03, 4)
    _lists(case, scores, flagged, target, 4, what="With a bonus of 0 the lists are wrong.")
    everything = np.ones(12, bool)
    _lists(case, scores, everything, 0.97, 12, what="With all items flagged the lists are wrong.")
    _lists(case, scores, ~everything, 0.04, 3, what="With no item flagged the lists are wrong.")


@check(
    "rerank_for_exposure",
    "a share that no bonus reaches is refused",
    advice="Look at the share with a huge bonus, and at the share that bisection ends with: the "
    "stair may jump over the band. Raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def bonus_refuses(case: Case) -> None:
    flagged = np.array([True] * 2 + [False] * 6)
    scores = _distinct_scores(case, 9, flagged)
    case.refuses(scores, flagged, 0.9, 5, why="a share of 0.9 with two flagged items for 5 places")
    case.refuses(scores, ~flagged, 0.1, 5, why="a share of 0.1 with two items to fill 5 places")
    alike = np.repeat(scores[:1], 9, axis=0)
    case.refuses(alike, flagged, 0.5, 1, why="a share of 0.5 where all lists hold the same item")
    case.refuses(scores, np.zeros(8, bool), 0.3, 3, why="a share of 0.3 without any flagged item")


@check(
    "rerank_for_exposure",
    "scores and flagged are left alone",
    advice="`scores + bonus * flagged` is a new array; `scores[:, flagged] += bonus` is not.",
    weight=0.5,
    seeds=(1, 0),
)
def bonus_leaves_alone(case: Case) -> None:
    flagged = _flags(case, 10, 4)
    case.leaves_alone(_distinct_scores(case, 8, flagged), flagged, 0.5, 4)
