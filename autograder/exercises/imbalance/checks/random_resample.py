"""Checks of random over- and under-sampling."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.imbalance.checks.rows import (
    LABELS,
    class_counts,
    labelled_rows,
    resampled,
    same_arrays,
)
from autograder.statistics import looks_uniform


def _row_numbers(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For each row of `rows` its position in X, or -1; X's rows differ in their first column."""
    order = np.argsort(X[:, 0])
    place = np.searchsorted(X[order, 0], rows[:, 0]).clip(max=len(X) - 1)
    found = order[place]
    return np.where((X[found] == rows).all(1), found, -1)


def _require_counts(case: Case, y_new: np.ndarray, wanted: dict[Any, int], which: str) -> None:
    if class_counts(y_new) != wanted:
        case.fail(
            f"Every class must end with as many rows as the {which} class.",
            expected=str(wanted),
            got=str(class_counts(y_new)),
        )


def _require_labels(case: Case, y: np.ndarray, y_new: np.ndarray, rows: np.ndarray) -> None:
    if not np.array_equal(y[rows], y_new):
        case.fail("Some rows came back with another row's label. Index X and y together.")


@check(
    "random_resample",
    "over-sampling keeps every row, then fills each class up to the majority",
    advice="Find each class's row numbers, draw the missing ones, and index X and y with one list.",
    core=True,
    seeds=(1, 1),
)
def over_fills_up(case: Case) -> None:
    for labels in LABELS:
        _require_over(case, *labelled_rows(case, (40, 17, 6), labels))


def _require_over(case: Case, X: np.ndarray, y: np.ndarray) -> None:
    X_new, y_new = resampled(case, case.call(X, y, "over", case.fresh_rng()), X, y)
    largest = max(class_counts(y).values())
    _require_counts(case, y_new, dict.fromkeys(np.unique(y).tolist(), largest), "largest")
    rows = _row_numbers(X, X_new)
    if (rows < 0).any():
        case.fail("Over-sampling must only repeat rows of X; some rows are new.")
    if not np.array_equal(rows[: len(X)], np.arange(len(X))):
        case.fail("The original rows must come first, all of them and in their order.")
    _require_labels(case, y, y_new, rows)


@check(
    "random_resample",
    "under-sampling keeps as many rows of each class as the minority has, none twice",
    advice="`rng.choice(rows, size, replace=False)` draws without replacement.",
    core=True,
    seeds=(1, 1),
)
def under_cuts_down(case: Case) -> None:
    for labels in LABELS:
        _require_under(case, *labelled_rows(case, (40, 17, 9), labels))


def _require_under(case: Case, X: np.ndarray, y: np.ndarray) -> None:
    X_new, y_new = resampled(case, case.call(X, y, "under", case.fresh_rng()), X, y)
    smallest = min(class_counts(y).values())
    _require_counts(case, y_new, dict.fromkeys(np.unique(y).tolist(), smallest), "smallest")
    rows = _row_numbers(X, X_new)
    if (rows < 0).any():
        case.fail("Under-sampling must only choose rows of X; some rows are new.")
    if len(set(rows.tolist())) < len(rows):
        case.fail("The same row was chosen more than once.", misconception="under_with_replacement")
    _require_labels(case, y, y_new, rows)


@check(
    "random_resample",
    "rows are drawn uniformly within their class",
    advice="Give every row of the class the same chance: `rng.integers` or `rng.choice`.",
    seeds=(1, 0),
)
def draws_are_uniform(case: Case) -> None:
    X, y = labelled_rows(case, (6000, 1000), (True, False), width=1)
    X_new, _ = resampled(case, case.call(X, y, "over", case.fresh_rng()), X, y)
    added = np.bincount(_row_numbers(X, X_new[len(X) :]), minlength=len(X))[~y]
    if not looks_uniform(added, np.full(1000, 5.0)):
        case.fail("The repeated rows are not a uniform draw with replacement within their class.")
    X_new, _ = resampled(case, case.call(X, y, "under", case.fresh_rng()), X, y)
    kept = _row_numbers(X, X_new)
    places = np.flatnonzero(y).searchsorted(kept[y[kept]]) // 60
    if not looks_uniform(np.bincount(places, minlength=100), np.full(100, 10.0)):
        case.fail("The kept rows of the large class are not a uniform draw from all of it.")


@check(
    "random_resample",
    "inputs and global random state are left alone",
    advice="Build new arrays by indexing, and draw from the `rng` that you are handed.",
    weight=0.5,
    seeds=(1, 0),
)
def resample_leaves_alone(case: Case) -> None:
    X, y = labelled_rows(case, (30, 10), (0, 1))
    for strategy in ("over", "under"):
        case.leaves_alone(X, y, strategy, case.fresh_rng())


@check(
    "random_resample",
    "X and y keep their dtypes",
    advice="Index with row numbers; do not convert, stack or append to lists.",
    weight=0.5,
    seeds=(1, 0),
)
def resample_keeps_dtypes(case: Case) -> None:
    X, y = labelled_rows(case, (12, 7), (0, 1))
    for dtype in (np.int64, np.float32):
        rows = (100 * X).astype(dtype)
        X_new, y_new = resampled(case, case.call(rows, y, "over", case.fresh_rng()), rows, y)
        if (X_new.dtype, y_new.dtype) != (rows.dtype, y.dtype):
            case.fail(
                "The rows are the caller's own, and so are their dtypes.",
                expected=f"X {rows.dtype}, y {y.dtype}",
                got=f"X {X_new.dtype}, y {y_new.dtype}",
                category="wrong dtype",
            )


@check(
    "random_resample",
    "the same state of rng gives the same rows, another state others",
    advice="Draw with `rng` only; do not call `np.random.seed` or make a generator of your own.",
    weight=0.5,
    seeds=(1, 0),
)
def resample_follows_rng(case: Case) -> None:
    X, y = labelled_rows(case, (30, 10), (0, 1))
    for strategy in ("over", "under"):
        case.follows_rng(
            X,
            y,
            strategy,
            case.fresh_rng(),
            read=lambda returned: resampled(case, returned, X, y),
            same=same_arrays,
        )


@check(
    "random_resample",
    "one class, or an unknown strategy, is refused",
    advice="Raise ValueError with a sentence before you draw anything.",
    weight=0.5,
    seeds=(1, 0),
)
def resample_refuses(case: Case) -> None:
    X, y = labelled_rows(case, (8, 4), (0, 1))
    case.refuses(X, np.zeros_like(y), "over", case.fresh_rng(), why="a y with one class only")
    case.refuses(X, np.zeros_like(y), "under", case.fresh_rng(), why="a y with one class only")
    case.refuses(X, y, "both", case.fresh_rng(), why='a strategy other than "over" and "under"')
