"""Checks of exact retrieval: the best unseen items, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.recommender.checks.through import go_through


def _vectors(case: Case, n: int, n_items: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    users, items = case.rng.normal(size=(n, d)), case.rng.normal(size=(n_items, d))
    return np.round(users, 4), np.round(items, 4)


def _seen(case: Case, users: np.ndarray, items: np.ndarray, most: int) -> list[list[int]]:
    """Up to `most` items per user, half of them among the best ones; one user has seen none."""
    seen = []
    for scores in users @ items.T:
        best = np.argsort(-scores)[:most]
        liked = case.rng.choice(best, int(case.rng.integers(1, most // 2 + 1)), replace=False)
        others = case.rng.choice(len(items), int(case.rng.integers(0, most // 2)), replace=False)
        seen.append([int(item) for item in case.rng.permutation(np.union1d(liked, others))])
    seen[0] = []
    return seen


def _require(
    case: Case, users: np.ndarray, items: np.ndarray, seen: list[Any], k: int, what: str
) -> None:
    shape = (len(users), k)
    case.matches_reference(
        users,
        items,
        seen,
        k,
        read=lambda value: case.array(value, "The lists", shape=shape, kinds="iu"),
        close=lambda got, wanted: bool(np.array_equal(got, wanted)),
        what=what,
    )


@check(
    "recommend",
    "the k items with the largest dot product, best first",
    advice="Score all items with `users @ items.T`, and sort by falling score.",
    core=True,
    seeds=(2, 1),
)
def lists_are_the_best(case: Case) -> None:
    users, items = _vectors(case, 9, 40, 4)
    k = int(case.rng.integers(5, 11))
    what = "With nothing seen, these are not the k best items in their order."
    _require(case, users, items, [[] for _ in users], k, what)


@check(
    "recommend",
    "seen items never appear, and the list has k items all the same",
    advice="Give seen items a score of minus infinity before you choose the k best.",
    core=True,
    seeds=(2, 1),
)
def lists_leave_out_the_seen(case: Case) -> None:
    users, items = _vectors(case, 9, 40, 4)
    seen, k = _seen(case, users, items, 8), int(case.rng.integers(5, 11))
    returned = case.call(users, items, seen, k)
    if _masked_too_late(returned, users @ items.T, seen, k):
        case.fail(
            "The lists are the k best of all items with gaps where seen ones stood.",
            misconception="seen_masked_after_the_top",
        )
    _require(case, users, items, seen, k, "The lists of users who have seen items are wrong.")


def _masked_too_late(returned: Any, scores: np.ndarray, seen: list[list[int]], k: int) -> bool:
    """Whether each list is the top k of all items without the seen ones, and with gaps instead."""
    if not isinstance(returned, (list, np.ndarray)) or len(returned) != len(scores):
        return False
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    gaps = False
    for got, best, known in zip(returned, top, seen, strict=True):
        left = [item for item in best.tolist() if item not in known]
        listed = np.asarray(got).ravel().tolist()
        if list(dict.fromkeys(item for item in listed if item >= 0)) != left:
            return False
        gaps = gaps or len(left) < k
    return gaps


@check(
    "recommend",
    "equal scores are ordered by the lower index",
    advice='`np.argsort(-scores, kind="stable")` does it; reversing an ascending sort turns ties '
    "round.",
    seeds=(2, 1),
)
def ties_by_lower_index(case: Case) -> None:
    users = case.rng.integers(-2, 3, (8, 2)).astype(float)
    users[0] = 0.0  # a user to whom all items are equal
    items = case.rng.integers(-2, 3, (60, 2)).astype(float)
    seen = _seen(case, users, items, 6)
    what = "Equal scores must be ordered by the lower index."
    returned, k = case.call(users, items, seen, 12), 12
    if _right_but_for_ties(returned, users @ items.T, seen, k):
        case.fail(what, got=returned, misconception="ties_unstable")
    _require(case, users, items, seen, k, what)


def _right_but_for_ties(returned: Any, scores: np.ndarray, seen: list[list[int]], k: int) -> bool:
    """Whether only the order among equal scores differs from what it must be."""
    if not isinstance(returned, np.ndarray) or returned.shape != (len(scores), k):
        return False
    if returned.dtype.kind not in "iu" or returned.min() < 0 or returned.max() >= scores.shape[1]:
        return False
    masked = scores.copy()
    for row, known in enumerate(seen):
        masked[row, known] = -np.inf
    wanted = np.argsort(-masked, axis=1, kind="stable")[:, :k]
    if any(len(set(row)) < k for row in returned.tolist()) or np.array_equal(returned, wanted):
        return False
    got = np.take_along_axis(masked, returned.astype(np.int64), 1)
    return bool(np.array_equal(got, np.take_along_axis(masked, wanted, 1)))


@check(
    "recommend",
    "many users, float32 vectors, negative scores and seen items as arrays or sets serve",
    advice="Work block by block, and mind the last, shorter block; read `seen` as any collection.",
    weight=0.5,
)
def many_users_serve(case: Case) -> None:
    users = case.rng.integers(1, 4, (1100, 2)).astype(np.float32)
    items = -1000 * np.arange(60, 0, -1).reshape(30, 2).astype(np.float32)
    seen: list[Any] = [
        np.array([29, 29, 28 - shift])[: length + 1]
        for shift, length in case.rng.integers(0, 3, (1100, 2)).tolist()
    ]
    seen[::9] = [np.zeros(0, np.int64)] * len(seen[::9])
    _require(case, users, items, seen, 2, "With 1,100 users the lists are wrong.")
    users, items = _vectors(case, 6, 30, 3)
    sets = _seen(case, users, items, 6)
    go_through(case, "with_sets")
    _require(case, users, items, sets, 5, "With seen items as sets the lists are wrong.")


@check(
    "recommend",
    "fewer than k unseen items are refused, exactly k are not",
    advice="Count the distinct seen items of each user, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def recommend_refuses(case: Case) -> None:
    users, items = np.ones((3, 1)), -np.arange(10.0)[:, None]
    just = [[0, 1, 2, 3, 3], [], [9]]
    _require(case, users, items, just, 6, "With exactly k unseen items the list has all of them.")
    few = [[], [9, 1, 2, 3, 4], [0]]
    case.refuses(users, items, few, 6, why="a user with 5 unseen items, of whom 6 are asked,")
    case.refuses(users, items, [[], [], []], 11, why="a k above the number of items")


@check(
    "recommend",
    "vectors and seen are left alone",
    advice="Write minus infinity into the scores, which are yours; do not sort or extend `seen`.",
    weight=0.5,
    seeds=(1, 0),
)
def recommend_leaves_alone(case: Case) -> None:
    users, items = _vectors(case, 5, 20, 3)
    case.leaves_alone(users, items, [[3, 1], [], [7, 2, 2], [0], [19]], 4)
