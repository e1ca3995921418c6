"""Checks of the group gaps, against the reference's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.checking import Case, check, close

PARITY, OPPORTUNITY = "demographic_parity", "equal_opportunity"
ODDS, ACCURACY = "equalized_odds", "accuracy"
NAMES = (PARITY, OPPORTUNITY, ODDS, ACCURACY)
NO_GAP = -1.0  # stands for nan, which equals nothing


def _floats(case: Case, gaps: Any) -> list[float]:
    """The four gaps that came back, in the order of NAMES."""
    if not isinstance(gaps, dict):
        case.fail("Return a dict.", got=type(gaps).__name__, category="wrong type")
    missing = [name for name in NAMES if name not in gaps]
    if missing:
        case.fail(f"The dict lacks {missing}.", expected=str(NAMES), got=str(tuple(gaps)))
    for name in NAMES:
        value = gaps[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            case.fail(f"{name} must be a float.", got=type(value).__name__, category="wrong type")
        if value < 0:
            case.fail(
                f"{name} is negative: a gap is the largest rate minus the smallest.",
                got=float(value),
                misconception="signed_gap",
            )
    return [float(gaps[name]) for name in NAMES]


def _gaps(case: Case, *args: np.ndarray, names: tuple[str, ...] = NAMES, what: str) -> None:
    """The gaps `names` are the reference's; args are y_true, y_pred and group."""

    def view(gaps: Any) -> list[float]:
        chosen = [float(gaps[name]) for name in names]
        return [NO_GAP if math.isnan(value) else value for value in chosen]

    def read(value: Any) -> dict[str, float]:
        return dict(zip(NAMES, _floats(case, value), strict=True))

    case.matches_reference(
        *args, read=read, view=view, close=close(rtol=1e-9, atol=1e-9), what=what
    )


def decisions(
    case: Case, sizes: tuple[int, ...], labels: tuple[Any, ...], better: int = -1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y_true, y_pred and group, shuffled; rates differ, and each group has each of the four cases.

    The group number `better` is selected more often than others.
    """
    y, decided = [], []
    for number, size in enumerate(sizes):
        truth = case.rng.random(size) < case.rng.uniform(0.3, 0.6)
        easy = 0.35 if number == better else case.rng.uniform(0.0, 0.2)
        chosen = case.rng.random(size) < 0.15 + easy + 0.4 * truth
        truth[:4], chosen[:4] = (1, 1, 0, 0), (1, 0, 1, 0)
        y.append(truth)
        decided.append(chosen)
    group = np.repeat(np.array(labels[: len(sizes)]), sizes)
    order = case.rng.permutation(len(group))
    return (
        np.concatenate(y)[order].astype(np.int64),
        np.concatenate(decided)[order].astype(np.int64),
        group[order],
    )


@check(
    "group_gaps",
    "of the selection rates and of the accuracies of two groups, largest minus smallest",
    advice="Selection rate: y_pred[rows].mean(); accuracy: (y_pred[rows] == y_true[rows]).mean(); "
    "the gap is max - min over the groups.",
    core=True,
    seeds=(3, 1),
)
def gaps_of_all_rows(case: Case) -> None:
    for better in (0, 1):
        rows = decisions(case, (40, 25), (0, 1), better)
        _gaps(case, *rows, names=(PARITY,), what="The gap of the selection rates is wrong.")
        _gaps(case, *rows, names=(ACCURACY,), what="The gap of the accuracies is wrong.")


@check(
    "group_gaps",
    "equal opportunity: the gap of the rates at which positives are selected",
    advice="The true-positive rate of a group: the mean of y_pred over its rows with y_true = 1.",
    weight=1.5,
    seeds=(3, 1),
)
def gap_of_opportunity(case: Case) -> None:
    for better in (0, 1):
        rows = decisions(case, (40, 30), (0, 1), better)
        what = "The gap of the true-positive rates is wrong."
        _gaps(case, *rows, names=(OPPORTUNITY,), what=what)


def _uneven(chosen: list[int], n_ones: int) -> np.ndarray:
    """Decisions about n_ones ones and n_ones zeros, of which so many are selected."""
    parts = [np.repeat([1, 0], (count, n_ones - count)) for count in chosen]
    return np.concatenate(parts)


@check(
    "group_gaps",
    "equalized odds: the larger of the gaps of true- and false-positive rates",
    advice="Compute both gaps first, over the groups; then take the larger of the two numbers.",
    weight=1.5,
    seeds=(3, 1),
)
def gap_of_odds(case: Case) -> None:
    what = "The larger of the two gaps of equalized odds is wrong."
    low, high = case.rng.integers(2, 6, 2), case.rng.integers(8, 12, 2)
    y = np.tile(np.repeat([1, 0], 15), 2)
    group = np.repeat([0, 1], 30)
    # once the true-positive rates lie further apart, once the false-positive rates
    for chosen in ([high[0], low[0], low[1], low[0] + 1], [high[0], low[0], high[0] - 1, high[1]]):
        decided = _uneven([int(count) for count in chosen], 15)
        order = case.rng.permutation(len(y))
        _gaps(case, y[order], decided[order], group[order], names=(ODDS,), what=what)
    _gaps(case, *decisions(case, (30, 30), (0, 1)), names=(ODDS,), what=what)


@check(
    "group_gaps",
    "any number of groups, with labels of any kind; bools serve as well as ints",
    advice="Loop over np.unique(group); the gap is max - min over all groups, not a difference of "
    "two.",
)
def gaps_of_many_groups(case: Case) -> None:
    for labels in ((7, -2, 3, 12), ("north", "east", "west", "south")):
        y, decided, group = decisions(case, (30, 22, 17, 12), labels)
        _gaps(case, y, decided, group, what="With four groups the gaps are wrong.")
    y, decided, group = decisions(case, (30, 20), (True, False))
    bools = y.astype(bool), decided.astype(bool), group
    _gaps(case, *bools, what="With bools the gaps are wrong.")


@check(
    "group_gaps",
    "a group without the rows that a rate needs is left out of it; with no group left it is nan",
    advice="Collect rates only of groups in which the rows occur: none collected is nan, one is 0. "
    "A mean of no rows is not 0.",
    weight=1.5,
    seeds=(2, 1),
)
def gaps_where_rows_are_missing(case: Case) -> None:
    y, decided, group = decisions(case, (30, 22, 17), ("a", "b", "c"))
    lacks_ones = y * (group != "b")
    _gaps(case, lacks_ones, decided, group, what="Where a group has no positives it is wrong.")
    lacks_zeros = np.where(group == "c", 1, y)
    _gaps(case, lacks_zeros, decided, group, what="Where a group has no negatives it is wrong.")
    only_a = y * (group == "a")
    _gaps(case, only_a, decided, group, what="Where one group has positives, its gap is 0.")
    zeros, ones = np.zeros_like(y), np.ones_like(y)
    what = "Without any positives equal opportunity is nan, and equalized odds is the other gap."
    _gaps(case, zeros, decided, group, what=what)
    what = "Without any negatives equalized odds is the gap of the true-positive rates."
    _gaps(case, ones, decided, group, what=what)
    _gaps(case, y, decided, np.full_like(y, 4), what="With one group all gaps are 0.")
    none = np.zeros(0, np.int64)
    _gaps(case, none, none, none, what="Without rows all gaps are nan.")


@check(
    "group_gaps",
    "its inputs are left alone",
    advice="Build new arrays; `y_pred[...] = ...` changes the caller's.",
    weight=0.5,
    seeds=(1, 0),
)
def gaps_leave_alone(case: Case) -> None:
    case.leaves_alone(*decisions(case, (12, 9), (0, 1)))
