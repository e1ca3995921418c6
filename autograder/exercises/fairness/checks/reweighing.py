"""Checks of reweighing, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close


def _rows(
    case: Case, sizes: tuple[int, ...], labels: tuple[Any, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """y and group, shuffled; the share of ones falls from the first group to the last."""
    shares = np.linspace(0.7, 0.2, len(sizes)) + case.rng.uniform(-0.05, 0.05, len(sizes))
    pairs = zip(sizes, shares, strict=True)
    y = np.concatenate([np.arange(size) < max(1, round(size * share)) for size, share in pairs])
    group = np.repeat(np.array(labels[: len(sizes)]), sizes)
    order = case.rng.permutation(len(y))
    return y.astype(np.int64)[order], group[order]


def _weights(case: Case, y: np.ndarray, group: np.ndarray, what: str) -> None:
    case.matches_reference(
        y,
        group,
        read=lambda value: case.array(value, "weights", shape=(len(y),), kinds="f"),
        close=close(rtol=1e-6, atol=1e-9),
        what=what,
    )


def _require_no_other_scheme(case: Case, y: np.ndarray, group: np.ndarray) -> None:
    """The weights are not, up to a factor, those of schemes that do something else."""
    value = case.call(y, group)
    weights = case.array(value, "weights", shape=(len(y),), kinds="f")
    if np.ptp(weights) < 1e-9:
        case.fail("All weights are equal, so that nothing changes.", got=weights)
    schemes = {"weights_of_groups_only": group, "class_weights": y}
    for name, of in schemes.items():
        _, row, counts = np.unique(of, return_inverse=True, return_counts=True)
        ratio = weights * counts[row]
        if np.allclose(ratio, ratio[0], rtol=1e-6, atol=0):
            case.fail("The weights make another thing balanced.", got=weights, misconception=name)


@check(
    "reweighing",
    "P(group) P(y) / P(group, y) of each row, for two groups",
    advice="With n rows: (rows of the group) x (rows with that y) / n / (rows with both).",
    core=True,
    seeds=(3, 1),
)
def weights_of_two_groups(case: Case) -> None:
    sizes = int(case.rng.integers(18, 30)), int(case.rng.integers(35, 50))
    y, group = _rows(case, sizes, (0, 1))
    _require_no_other_scheme(case, y, group)
    _weights(case, y, group, "The weights are wrong.")


@check(
    "reweighing",
    "any number of groups, with labels of any kind; y may be bools",
    advice="np.unique(group, return_inverse=True) numbers the groups; y.astype(int) the labels.",
    weight=1.5,
    seeds=(2, 1),
)
def weights_of_many_groups(case: Case) -> None:
    for labels in ((5, -3, 11), ("new", "old", "none")):
        y, group = _rows(case, (24, 31, 15), labels)
        _weights(case, y, group, "With three groups the weights are wrong.")
    y, group = _rows(case, (24, 31), (True, False))
    _weights(case, y.astype(bool), group, "With bools the weights are wrong.")


@check(
    "reweighing",
    "where label and group are independent, all weights are 1",
    advice="P(group, y) is P(group) P(y) then; so also with a single group.",
    weight=0.5,
)
def weights_of_independence(case: Case) -> None:
    y, group = _rows(case, (int(case.rng.integers(20, 40)),), (3,))
    _weights(case, y, group, "With one group all weights are 1.")
    twice = np.concatenate([y, y])
    group = np.repeat([0, 1], len(y))
    _weights(case, twice, group, "With equal shares of ones all weights are 1.")


@check(
    "reweighing",
    "a group that lacks a label is refused",
    advice="Look for zeros in the table of counts, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def weights_refuse(case: Case) -> None:
    y, group = _rows(case, (12, 15), ("a", "b"))
    case.refuses(y * (group == "a"), group, why="a group without any row with y = 1")
    case.refuses(np.where(group == "a", 1, y), group, why="a group without any row with y = 0")
    case.refuses(np.zeros_like(y), group, why="a y that is 0 everywhere")


@check(
    "reweighing",
    "y and group are left alone",
    advice="Build new arrays; assigning to y[...] changes the caller's.",
    weight=0.5,
    seeds=(1, 0),
)
def weights_leave_alone(case: Case) -> None:
    case.leaves_alone(*_rows(case, (12, 15), (0, 1)))
