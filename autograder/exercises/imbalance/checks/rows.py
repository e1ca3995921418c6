"""Labelled rows for the checks of resamplers, and what came back of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from autograder.checking import Case

# class labels of every kind that contracts allow
LABELS: tuple[tuple[Any, ...], ...] = ((0, 1, 2), ("low", "mid", "top"), (7, -1, 3))


def labelled_rows(
    case: Case, sizes: tuple[int, ...], labels: tuple[Any, ...], width: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Shuffled rows of well-separated classes; all rows differ."""
    y = np.repeat(np.array(labels[: len(sizes)]), sizes)
    centre = np.repeat(np.arange(len(sizes)), sizes)[:, None]
    X = np.round(case.rng.normal(size=(len(y), width)) + 4.0 * centre, 6)
    order = case.rng.permutation(len(y))
    return X[order], y[order]


def resampled(
    case: Case, returned: Any, X: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays that a resampler of X and y returned, well-formed."""
    X_new, y_new = case.pair(returned, "the rows X and the labels y")
    X_new = case.array(X_new, "X", shape=(None, X.shape[1]), kinds="fiu")
    kinds = {"U": "U", "b": "b"}.get(y.dtype.kind, "iu")
    y_new = case.array(y_new, "y", shape=(len(X_new),), kinds=kinds)
    return X_new, y_new


def class_counts(y: np.ndarray) -> dict[Any, int]:
    return dict(Counter(y.tolist()))


def same_arrays(left: tuple[np.ndarray, ...], right: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))
