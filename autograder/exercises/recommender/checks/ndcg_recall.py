"""Checks of NDCG and recall of one ranked list, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.recommender.checks.through import go_through

BOTH = close(rtol=1e-6, atol=1e-9)


def _pair_of_floats(case: Case, value: Any) -> tuple[float, float]:
    ndcg, recall = case.pair(value, "the NDCG and the recall")
    return case.number(ndcg, "The NDCG"), case.number(recall, "The recall")


def _require(case: Case, *args: Any, which: slice = slice(0, 2), what: str) -> None:
    """The figures `which` (NDCG, recall) are the reference's."""
    case.matches_reference(
        *args,
        read=lambda value: _pair_of_floats(case, value),
        view=lambda pair: tuple(pair)[which],
        close=BOTH,
        what=what,
    )


def _lists(case: Case, n_relevant: int, length: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A ranked list without repetitions, and relevant items of which it holds about half."""
    ids = case.rng.permutation(60)
    ranked, others = ids[:length], ids[length:]
    inside = min((n_relevant + 1) // 2, length - 2)
    hits = case.rng.choice(ranked[1:], inside, replace=False)
    return ranked, case.rng.permutation(np.append(hits, others[: n_relevant - inside]))


@check(
    "ndcg_recall",
    "with exactly k relevant items: gain over ideal gain, hits over k",
    advice="A hit at rank r, counted from 1, gains 1 / log2(r + 1); divide by the gains of ranks 1 "
    "to k.",
    core=True,
    seeds=(3, 1),
)
def metrics_of_k_relevant(case: Case) -> None:
    k = int(case.rng.integers(4, 9))
    ranked, relevant = _lists(case, k)
    _require(case, ranked, relevant, k, what="NDCG or recall is wrong.")


@check(
    "ndcg_recall",
    "recall is taken over min(k, number of relevant items)",
    advice="A list of k places cannot hold more than k items: divide the hits by min(k, n).",
    seeds=(2, 1),
)
def recall_over_the_possible(case: Case) -> None:
    for k, n_relevant in ((5, 11), (8, 3)):
        ranked, relevant = _lists(case, n_relevant)
        what = f"The recall@{k} with {n_relevant} relevant items is wrong."
        _require(case, ranked, relevant, k, which=slice(1, 2), what=what)


@check(
    "ndcg_recall",
    "the ideal list has min(k, number of relevant items) hits",
    advice="Sum 1 / log2(rank + 1) over ranks 1 to min(k, n): with fewer than k relevant items, "
    "the best list has them all at its top.",
    seeds=(2, 1),
)
def ndcg_over_the_possible(case: Case) -> None:
    for k, n_relevant in ((8, 3), (5, 11)):
        ranked, relevant = _lists(case, n_relevant)
        what = f"The NDCG@{k} with {n_relevant} relevant items is wrong."
        _require(case, ranked, relevant, k, which=slice(0, 1), what=what)
    ranked, relevant = _lists(case, 6)
    what = "The figures of a list shorter than k are wrong: k and the relevant items set the ideal."
    _require(case, ranked[:4], np.append(relevant, ranked[1]), 10, what=what)
    _require(case, ranked, ranked[:4], 9, what="A perfect list must score 1.")


@check(
    "ndcg_recall",
    "a repeated item counts once, and its later places stay used up",
    advice="Keep the set of items found so far; a repetition is no hit, and what follows keeps its "
    "rank.",
    seeds=(2, 1),
)
def repeats_count_once(case: Case) -> None:
    ranked, relevant = _lists(case, 5)
    ranked[0] = relevant[0]
    ranked = np.insert(ranked, [1, 3], ranked[0])
    ranked = np.insert(ranked, 6, ranked[5])
    _require(case, ranked, relevant, 9, what="With a repeated item the figures are wrong.")
    twice = np.append(relevant, relevant[:2])
    what = "An id that stands twice among the relevant ones counts once."
    _require(case, ranked, twice, 9, what=what)


@check(
    "ndcg_recall",
    "lists, tuples, arrays and sets of ints or strings serve; a list may be shorter than k",
    advice="Turn `relevant` into a set first; walk down `ranked` without asking for its length.",
    weight=0.5,
)
def any_collection_serves(case: Case) -> None:
    ranked, relevant = (ids.tolist() for ids in _lists(case, 6))
    words, wanted = ([f"item {i}" for i in ids] for ids in (ranked, relevant))
    what = "The figures are wrong for another kind of collection."
    _require(case, ranked, tuple(relevant), 7, what=what)
    _require(case, tuple(words), wanted, 7, what=what)
    _require(case, ranked[:4], relevant, 10, what="The figures of a list shorter than k are wrong.")
    _require(case, [], relevant, 3, what="An empty list finds nothing.")
    go_through(case, "with_set")
    _require(case, ranked, relevant, 7, what="With the relevant items as a set it is wrong.")
    _require(case, words, wanted, 7, what="With the relevant items as a set it is wrong.")


@check(
    "ndcg_recall",
    "no relevant item gives (nan, nan)",
    advice="Such a household says nothing about the ranking: NaN keeps it out of `np.nanmean`.",
    weight=0.5,
    seeds=(1, 0),
)
def nothing_relevant_is_nan(case: Case) -> None:
    empties: tuple[Any, ...] = ([], np.zeros(0, np.int64))
    for nothing in empties:
        value = case.pair(case.call([3, 1, 2], nothing, 2), "the NDCG and the recall")
        if not all(isinstance(number, float) and np.isnan(number) for number in value):
            zeros = all(isinstance(number, (int, float)) and number == 0 for number in value)
            case.fail(
                "With no relevant item both figures must be NaN.",
                expected="(nan, nan)",
                got=str(value)[:100],
                misconception="nothing_relevant_as_zero" if zeros else None,
            )


@check(
    "ndcg_recall",
    "a k smaller than 1 is refused",
    advice="Raise ValueError with a sentence before you compute.",
    weight=0.5,
    seeds=(1, 0),
)
def metrics_refuse(case: Case) -> None:
    for k in (0, -2):
        case.refuses([3, 1, 2], [1], k, why=f"k = {k}")


@check(
    "ndcg_recall",
    "both collections are left alone",
    advice="`list.remove` and `sort` change the caller's list; build a new set instead.",
    weight=0.5,
    seeds=(1, 0),
)
def metrics_leave_alone(case: Case) -> None:
    case.leaves_alone([4, 1, 4, 2], [2, 4, 2], 3)
    case.leaves_alone(np.array([4, 1, 4, 2]), np.array([2, 4, 2]), 3)
