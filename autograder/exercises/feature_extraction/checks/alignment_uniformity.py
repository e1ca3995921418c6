"""Checks of alignment and uniformity, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.feature_extraction.checks.rows import normal_rows, two_view_rows
from autograder.sandbox.wire import Tensor


def _read(case: Case, returned: Any) -> list[float]:
    pair = case.pair(returned, "alignment and uniformity")
    return [
        case.number(value, name)
        for name, value in zip(("alignment", "uniformity"), pair, strict=True)
    ]


def _matches(case: Case, a: np.ndarray, b: np.ndarray, what: str, *, tracked: bool = False) -> None:
    case.matches_reference(
        Tensor(a, requires_grad=tracked),
        Tensor(b, requires_grad=tracked),
        read=lambda value: _read(case, value),
        view=list,
        # float32 serves: distances of near rows lose digits there
        close=close(rtol=1e-4, atol=1e-5),
        what=what,
    )


@check(
    "alignment_uniformity",
    "the mean squared distance of pairs, and the log mean Gaussian potential of different rows",
    advice="Normalise the rows; square the distances; leave the pairs (i, i) out of the mean, and "
    "take the logarithm of the mean, not the mean of logarithms.",
    core=True,
    seeds=(3, 1),
)
def measures_values(case: Case) -> None:
    dtype = "float32" if case.rng.random() < 0.5 else "float64"
    a, b = two_view_rows(case, int(case.rng.integers(4, 20)), 4, dtype=dtype)
    _matches(case, a, b, "Alignment or uniformity is wrong.")


@check(
    "alignment_uniformity",
    "limits: equal views, one point, two rows, and embeddings that track gradients",
    advice="`float(tensor)` and `.item()` give plain numbers, of a tensor with a gradient too.",
)
def measures_at_the_limits(case: Case) -> None:
    a, b = two_view_rows(case, 5, 3)
    _matches(case, a, 2.5 * a, "Views that differ in length only must have alignment 0.")
    one_point = np.repeat(normal_rows(case, 1, 3), 4, axis=0)
    _matches(case, one_point, one_point, "An embedding in one point must have uniformity 0.")
    _matches(case, a[:2], b[:2], "Two rows are one pair: the measures are wrong.")
    _matches(case, a, b, "With tensors that track gradients a value is wrong.", tracked=True)


@check(
    "alignment_uniformity",
    "fewer than two rows are refused",
    advice="One row has no pair: raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def measures_refuse(case: Case) -> None:
    row = normal_rows(case, 1, 3)
    case.refuses(Tensor(row), Tensor(row), why="a single row")


@check(
    "alignment_uniformity",
    "both views are left alone",
    advice="Normalise into a new tensor; `z /= ...` changes the caller's.",
    weight=0.5,
    seeds=(1, 0),
)
def measures_leave_alone(case: Case) -> None:
    a, b = two_view_rows(case, 5, 3)
    case.leaves_alone(Tensor(a), Tensor(b))
