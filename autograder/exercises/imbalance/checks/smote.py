"""Checks of SMOTE: where synthetic rows lie, and how they are drawn."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.imbalance.checks.rows import (
    LABELS,
    class_counts,
    labelled_rows,
    resampled,
    same_arrays,
)
from autograder.statistics import looks_shuffled, looks_uniform, looks_uniform_on_unit

K = 4


def _nearest(X: np.ndarray, k: int) -> np.ndarray:
    """(n, k) numbers of each row's nearest other rows."""
    distance = ((X[:, None, :] - X[None, :, :]) ** 2).sum(-1)
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :k]


def _locate(
    X: np.ndarray, pairs: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of `rows` the pair (i, j) whose line X[i] + t (X[j] - X[i]) is nearest to it.

    Returns the pair's number, t, and the squared distance from the line.
    """
    start, step = X[pairs[:, 0]], X[pairs[:, 1]] - X[pairs[:, 0]]
    lengths = (step**2).sum(1)
    gap = rows[:, None, :] - start[None]
    t = np.einsum("spd,pd->sp", gap, step) / lengths
    off = ((gap - t[..., None] * step) ** 2).sum(-1)
    # a line may be met outside its segment by chance: prefer pairs that hold the point between
    best = np.argmin(off + 1e-9 * np.abs(t - 0.5), axis=1)
    take = np.arange(len(rows)), best
    return best, t[take], off[take]


def _pairs_of(nearest: np.ndarray) -> np.ndarray:
    n, k = nearest.shape
    return np.column_stack([np.repeat(np.arange(n), k), nearest.ravel()])


def _new_rows(
    case: Case, X: np.ndarray, y: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All returned rows and labels, well-formed and with the originals first; the new rows."""
    X_new, y_new = resampled(case, case.call(X, y, k, case.fresh_rng()), X, y)
    if X_new.dtype.kind != "f":
        case.fail(
            "X must come back as floats: a synthetic row lies between two rows.",
            got=str(X_new.dtype),
            category="wrong dtype",
            misconception="integers_truncated",
        )
    originals_first = len(X_new) >= len(X) and (
        np.array_equal(X_new[: len(X)], X) and np.array_equal(y_new[: len(y)], y)
    )
    if not originals_first:
        case.fail("The original rows must come first, unchanged, with their labels.")
    return X_new, y_new, X_new[len(X) :]


def _require_full(case: Case, y: np.ndarray, y_new: np.ndarray) -> None:
    before, after = class_counts(y), class_counts(y_new)
    wanted = dict.fromkeys(before, max(before.values()))
    if after == wanted:
        return
    filled = [label for label in before if after.get(label, 0) > before[label]]
    lacking = [label for label in before if after.get(label, 0) < wanted[label]]
    only_one = len(filled) == 1 and len(lacking) >= 1 and set(after) == set(before)
    case.fail(
        "Every class must end with as many rows as the largest class.",
        expected=str(wanted),
        got=str(after),
        misconception="one_class_only" if only_one else None,
    )


@check(
    "smote",
    "originals come first, as floats, and every class is filled up",
    advice="Loop over the classes; for each, make `majority - count` synthetic rows and append.",
    core=True,
    seeds=(1, 1),
)
def smote_fills_up(case: Case) -> None:
    for labels in LABELS:
        X, y = labelled_rows(case, (30, 12, 7), labels)
        _, y_new, _ = _new_rows(case, X, y, K)
        _require_full(case, y, y_new)
    X, y = labelled_rows(case, (12, 7), (False, True))
    whole = np.round(X * 10).astype(np.int64)
    _, y_new, made = _new_rows(case, whole, y, K)
    _require_full(case, y, y_new)
    if np.array_equal(made, np.round(made)):
        copies = (made[:, None] == whole[None]).all(-1).any(-1).all()
        case.fail(
            "Whole-numbered rows gave only whole-numbered synthetic rows.",
            misconception=None if copies else "integers_truncated",
        )


@check(
    "smote",
    "each synthetic row lies between a row and one of its k nearest of the same class",
    advice="Search neighbours among the rows of that class only, leave the row itself out, and "
    "move one random fraction in [0, 1) of the way, the same fraction for every feature.",
    core=True,
    seeds=(1, 1),
)
def smote_on_segments(case: Case) -> None:
    for sizes in ((100, 24), (60, 30, 20)):
        labels = np.repeat(np.arange(len(sizes)), sizes)
        X = np.round(case.rng.normal(size=(len(labels), 4)), 6)  # the classes overlap
        order = case.rng.permutation(len(labels))
        X, y = X[order], labels[order]
        _, y_new, made = _new_rows(case, X, y, K)
        _require_full(case, y, y_new)
        for label in range(1, len(sizes)):
            _require_segments(case, X, y == label, made[y_new[len(y) :] == label])


def _require_segments(case: Case, X: np.ndarray, y: np.ndarray, made: np.ndarray) -> None:
    """The synthetic rows of the class `y` lie where SMOTE puts them."""
    rare = X[y]
    pairs = _pairs_of(_nearest(rare, K))
    _, t, off = _locate(rare, pairs, made)
    scale = float(X.std())
    tolerance = (1e-5 * scale) ** 2
    on_line = off <= tolerance
    between = on_line & (t >= -1e-5) & (t <= 1 + 1e-5)
    if not between.all():
        case.fail(
            f"{int((~between).sum())} of {len(made)} synthetic rows do not lie on a segment "
            "between a row and one of its k nearest neighbours of the same class.",
            misconception=_why_off_segment(X, y, made, between, on_line, tolerance),
        )
    copies = int((np.minimum(np.abs(t), np.abs(1 - t)) < 1e-9).sum())
    if copies > len(made) // 20:
        case.fail(
            f"{copies} of {len(made)} synthetic rows are copies of an original row.",
            misconception="self_as_neighbour" if copies < len(made) // 2 else None,
        )
    if len(np.unique(np.round(np.minimum(t, 1 - t), 6))) < len(made) // 2:
        case.fail(
            "All synthetic rows lie the same fraction of the way between their two rows.",
            misconception="one_lambda_for_all",
        )


def _why_off_segment(
    X: np.ndarray,
    y: np.ndarray,
    made: np.ndarray,
    between: np.ndarray,
    on_line: np.ndarray,
    tolerance: float,
) -> str | None:
    """The misconception that explains synthetic rows off every allowed segment."""
    if on_line.all():
        return "extrapolates"
    rare = X[y]
    half_right = between.mean() >= 0.5  # a rule that is nearly right is none of these
    every = np.array([(i, j) for i in range(len(rare)) for j in range(len(rare)) if i != j])
    _, t, off = _locate(rare, every, made)
    if ((off <= tolerance) & (t >= -1e-5) & (t <= 1 + 1e-5)).all() and not half_right:
        return "random_partner"
    mixed = _nearest(X, K)
    bases = np.flatnonzero(y)
    pairs = np.column_stack([np.repeat(bases, K), mixed[bases].ravel()])
    _, t, off = _locate(X, pairs, made)
    if ((off <= tolerance) & (t >= -1e-5) & (t <= 1 + 1e-5)).all():
        return "neighbours_from_all_classes"
    pairs = _pairs_of(_nearest(rare, K))
    low = np.minimum(rare[pairs[:, 0]], rare[pairs[:, 1]]) - 1e-9
    high = np.maximum(rare[pairs[:, 0]], rare[pairs[:, 1]]) + 1e-9
    inside = (made[:, None] >= low) & (made[:, None] <= high)
    if inside.all(-1).any(-1).all() and not half_right:
        return "lambda_per_feature"
    return None


@check(
    "smote",
    "rows, neighbours and positions are drawn uniformly",
    advice="Draw a base row, then one of its k neighbours, then a fraction from `rng.random()`, "
    "anew for every synthetic row.",
    seeds=(1, 0),
)
def smote_is_uniform(case: Case) -> None:
    n_rare, k = 20, 3
    X, y = labelled_rows(case, (1420, n_rare), (0, 1), width=3)
    _, y_new, made = _new_rows(case, X, y, k)
    _require_full(case, y, y_new)
    rare = X[y == 1]
    # a segment between two rows that are each other's neighbours is drawn from both ends: keep one
    every = _pairs_of(_nearest(rare, k))
    _, first, times = np.unique(
        np.sort(every, axis=1), axis=0, return_index=True, return_counts=True
    )
    best, t, off = _locate(rare, every[first], made)
    if (off > 1e-8).any():
        case.fail("Some synthetic rows do not lie between a row and a neighbour of its class.")
    counts = np.bincount(best, minlength=len(first))
    if not looks_uniform(counts, times / len(every) * len(made)):
        case.fail("Some rows or some of the k neighbours are drawn more often than others.")
    if not looks_uniform_on_unit(np.clip(t, 0.0, 1.0)):
        case.fail("The positions between row and neighbour are not uniform on the segment.")
    if not looks_shuffled(t):
        case.fail("The positions on the segments follow the order of the rows; draw each anew.")


@check(
    "smote",
    "duplicates of a row count as neighbours",
    advice="Leave out the row itself by its number, not its distance; a duplicate is another row.",
    weight=0.5,
    seeds=(1, 0),
)
def smote_with_duplicates(case: Case) -> None:
    X = np.repeat(np.round(case.rng.normal(size=(3, 3)), 6), (30, K + 2, K + 2), axis=0)
    y = np.repeat([0, 1, 1], (30, K + 2, K + 2))
    _, _, made = _new_rows(case, X, y, K)
    distance = np.abs(made[:, None] - X[None, 30:]).max(-1)
    if not (distance.min(-1) < 1e-5).all():
        case.fail(
            f"Each row here has {K + 1} duplicates, so its {K} nearest lie where it lies itself, "
            "and so must every synthetic row."
        )


@check(
    "smote",
    "inputs and global random state are left alone",
    advice="Build new arrays with `np.concatenate`, and draw from the `rng` that you are handed.",
    weight=0.5,
    seeds=(1, 0),
)
def smote_leaves_alone(case: Case) -> None:
    X, y = labelled_rows(case, (20, 9), (0, 1))
    case.leaves_alone(X, y, 3, case.fresh_rng())


@check(
    "smote",
    "the same state of rng gives the same rows, another state others",
    advice="Draw with `rng` only; do not call `np.random.seed` or make a generator of your own.",
    weight=0.5,
    seeds=(1, 0),
)
def smote_follows_rng(case: Case) -> None:
    X, y = labelled_rows(case, (20, 9), (0, 1))
    case.follows_rng(
        X,
        y,
        3,
        case.fresh_rng(),
        read=lambda returned: resampled(case, returned, X, y),
        same=same_arrays,
    )


@check(
    "smote",
    "too few rows to fill up from, one class, or non-finite X is refused; nothing else is",
    advice="Check the classes that have to be filled (a full one may be small), the number of "
    "classes, and `np.isfinite(X).all()`, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def smote_refuses(case: Case) -> None:
    X, y = labelled_rows(case, (12, 5), (0, 1))
    case.refuses(X, y, 5, case.fresh_rng(), why="a class of 5 rows with k_neighbors = 5")
    case.refuses(X, np.ones_like(y), 3, case.fresh_rng(), why="a y with one class only")
    for bad in (np.nan, -np.inf):
        X[3, 1] = bad
        case.refuses(X, y, 3, case.fresh_rng(), why=f"an X that holds {bad}")
    X, y = labelled_rows(case, (4, 4), (0, 1))
    _, _, made = _new_rows(case, X, y, 5)  # nothing has to be filled up
    if len(made):
        case.fail("Where all classes are equally large, there is nothing to add.")
