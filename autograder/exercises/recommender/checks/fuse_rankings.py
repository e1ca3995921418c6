"""Checks of the fusion of rankings, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check


def _rankings(case: Case, n: int = 12) -> tuple[list[list[int]], list[float]]:
    """Three rankings of some of n items, of different lengths, and their weights."""
    ids = case.rng.permutation(90)[:n]
    rankings = [case.rng.permutation(ids)[:length].tolist() for length in (n, n - 2, n - 5)]
    return rankings, np.round(case.rng.uniform(0.3, 2.0, 3), 3).tolist()


def _require(case: Case, *args: Any, what: str) -> None:
    case.matches_reference(
        *args,
        read=lambda value: _ranking(case, value),
        close=lambda got, wanted: list(got) == list(wanted),
        what=what,
    )


def _ranking(case: Case, value: Any) -> list[Any]:
    if not isinstance(value, list):
        case.fail("Return a list of items.", got=type(value).__name__, category="wrong type")
    if not all(isinstance(item, (int, str)) for item in value):
        case.fail("The list must hold the items alone, without their sums.", category="wrong type")
    return value


@check(
    "fuse_rankings",
    "items are ordered by the sum of weight / (k + rank), rank from 1",
    advice="`enumerate(ranking, start=1)` gives the ranks; add up weight / (k + rank) in a dict.",
    core=True,
    seeds=(3, 1),
)
def fused_in_order(case: Case) -> None:
    for k in (5, 1, 60):
        rankings, weights = _rankings(case, 12 if k < 60 else 25)
        _require(case, rankings, weights, k, what=f"With k = {k} the order is wrong.")
    _require(case, *_rankings(case), what="Without k, which is then 60, the order is wrong.")


@check(
    "fuse_rankings",
    "a repetition gains nothing, and occupies its rank",
    advice="Skip items that the same ranking has had before, but go on counting.",
    seeds=(3, 1),
)
def repeats_gain_nothing(case: Case) -> None:
    for k in (1, 3):
        rankings, weights = _rankings(case)
        for ranking in rankings:
            for place in (3, 4, 6):
                ranking.insert(place, ranking[2])
        _require(case, rankings, weights, k, what="With repeated items the order is wrong.")


@check(
    "fuse_rankings",
    "equal sums stand in the order of first appearance",
    advice="A dict keeps the order in which its keys came, and `sorted` keeps that of equals.",
    weight=0.5,
    seeds=(2, 1),
)
def ties_by_first_appearance(case: Case) -> None:
    first, second, *others = case.rng.permutation(50)[:6].tolist()
    middle, *_ = sorted([first, second, *others])[2:]
    low, high = min(first, second, *others), max(first, second, *others)
    apart = [[middle], [high], [low], [sorted([first, second, *others])[1]]]  # in no natural order
    _require(case, apart, [0.5] * 4, what="Items of equal sums are in the wrong order.")
    swapped = [[first, second], [second, first]]
    _require(case, swapped, [1.0, 1.0], what="Two items of equal sums are in the wrong order.")
    lower = [[first, second], others[:1]]  # 3 / (1 + 2) and 2 / (1 + 1)
    what = "Of two items with equal sums, that of the earlier ranking comes first."
    _require(case, lower, [3.0, 2.0], 1, what=what)


@check(
    "fuse_rankings",
    "strings, empty rankings and weights of 0 serve",
    advice="An item of a ranking with weight 0 has the sum 0, and is in the list.",
    weight=0.5,
    seeds=(1, 0),
)
def fusion_at_the_edges(case: Case) -> None:
    words = ["milk", "soap", "tea", "rye"]
    _require(
        case, [words, [], words[::-1]], [1.0, 9.0, 0.37], 2, what="An empty ranking spoils it."
    )
    _require(case, [words[:2], words[2:]], [0.0, 1.0], what="An item of weight 0 is lost.")
    _require(case, [], [], what="No ranking gives an empty list.")


@check(
    "fuse_rankings",
    "another number of weights than rankings is refused",
    advice="Compare the two lengths first, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def fusion_refuses(case: Case) -> None:
    case.refuses([[1, 2], [2, 1]], [1.0], why="two rankings with one weight")
    case.refuses([[1, 2]], [1.0, 2.0], 10, why="one ranking with two weights")


@check(
    "fuse_rankings",
    "the rankings are left alone",
    advice="Build a new list; `ranking.pop` and `ranking.sort` change the caller's.",
    weight=0.5,
    seeds=(1, 0),
)
def fusion_leaves_alone(case: Case) -> None:
    case.leaves_alone([[3, 1, 3, 2], [2, 3]], [1.0, 2.0], 5)
