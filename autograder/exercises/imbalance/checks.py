"""What must hold of the contracts of `imbalance`, in the order in which a learner meets them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.sandbox.wire import Remote, Rng, Tensor
from autograder.statistics import looks_shuffled, looks_uniform, looks_uniform_on_unit

LABELS: tuple[tuple[Any, ...], ...] = ((0, 1, 2), ("low", "mid", "top"), (7, -1, 3))
FLOATS = close(rtol=1e-6, atol=1e-8)

# ---------------------------------------------------------------------- random_resample


def _labelled_rows(
    case: Case, sizes: tuple[int, ...], labels: tuple[Any, ...], width: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Shuffled rows of well-separated classes; all rows differ."""
    y = np.repeat(np.array(labels[: len(sizes)]), sizes)
    centre = np.repeat(np.arange(len(sizes)), sizes)[:, None]
    X = np.round(case.rng.normal(size=(len(y), width)) + 4.0 * centre, 6)
    order = case.rng.permutation(len(y))
    return X[order], y[order]


def _labels_for(case: Case) -> tuple[Any, ...]:
    return LABELS[int(case.rng.integers(len(LABELS)))]


def _row_numbers(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For each row of `rows` its position in X, or -1; X's rows differ in their first column."""
    order = np.argsort(X[:, 0])
    place = np.searchsorted(X[order, 0], rows[:, 0]).clip(max=len(X) - 1)
    found = order[place]
    return np.where((X[found] == rows).all(1), found, -1)


def _resampled(
    case: Case, returned: Any, X: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays that a resampler of X and y returned, well-formed."""
    X_new, y_new = case.pair(returned, "the rows X and the labels y")
    X_new = case.array(X_new, "X", shape=(None, X.shape[1]), kinds="fiu")
    kinds = {"U": "U", "b": "b"}.get(y.dtype.kind, "iu")
    y_new = case.array(y_new, "y", shape=(len(X_new),), kinds=kinds)
    return X_new, y_new


def _class_counts(y: np.ndarray) -> dict[Any, int]:
    return dict(Counter(y.tolist()))


def _require_counts(case: Case, y_new: np.ndarray, wanted: dict[Any, int], which: str) -> None:
    if _class_counts(y_new) != wanted:
        case.fail(
            f"Every class must end with as many rows as the {which} class.",
            expected=str(wanted),
            got=str(_class_counts(y_new)),
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
        _require_over(case, *_labelled_rows(case, (40, 17, 6), labels))


def _require_over(case: Case, X: np.ndarray, y: np.ndarray) -> None:
    X_new, y_new = _resampled(case, case.call(X, y, "over", case.fresh_rng()), X, y)
    largest = max(_class_counts(y).values())
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
        _require_under(case, *_labelled_rows(case, (40, 17, 9), labels))


def _require_under(case: Case, X: np.ndarray, y: np.ndarray) -> None:
    X_new, y_new = _resampled(case, case.call(X, y, "under", case.fresh_rng()), X, y)
    smallest = min(_class_counts(y).values())
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
)
def draws_are_uniform(case: Case) -> None:
    X, y = _labelled_rows(case, (6000, 1000), (True, False), width=1)
    X_new, _ = _resampled(case, case.call(X, y, "over", case.fresh_rng()), X, y)
    added = np.bincount(_row_numbers(X, X_new[len(X) :]), minlength=len(X))[~y]
    if not looks_uniform(added, np.full(1000, 5.0)):
        case.fail("The repeated rows are not a uniform draw with replacement within their class.")
    X_new, _ = _resampled(case, case.call(X, y, "under", case.fresh_rng()), X, y)
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
    X, y = _labelled_rows(case, (30, 10), (0, 1))
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
    X, y = _labelled_rows(case, (12, 7), (0, 1))
    for dtype in (np.int64, np.float32):
        rows = (100 * X).astype(dtype)
        X_new, y_new = _resampled(case, case.call(rows, y, "over", case.fresh_rng()), rows, y)
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
    X, y = _labelled_rows(case, (60, 20), (0, 1))
    for strategy in ("over", "under"):
        case.follows_rng(
            X,
            y,
            strategy,
            case.fresh_rng(),
            read=lambda returned: _resampled(case, returned, X, y),
            same=_same_arrays,
        )


@check(
    "random_resample",
    "one class, or an unknown strategy, is refused",
    advice="Raise ValueError with a sentence before you draw anything.",
    weight=0.5,
    seeds=(1, 0),
)
def resample_refuses(case: Case) -> None:
    X, y = _labelled_rows(case, (8, 4), (0, 1))
    case.refuses(X, np.zeros_like(y), "over", case.fresh_rng(), why="a y with one class only")
    case.refuses(X, np.zeros_like(y), "under", case.fresh_rng(), why="a y with one class only")
    case.refuses(X, y, "both", case.fresh_rng(), why='a strategy other than "over" and "under"')


def _same_arrays(left: tuple[np.ndarray, ...], right: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


# ---------------------------------------------------------------------- smote

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
    X_new, y_new = _resampled(case, case.call(X, y, k, case.fresh_rng()), X, y)
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
    before, after = _class_counts(y), _class_counts(y_new)
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
    X, y = _labelled_rows(case, (30, 12, 7), _labels_for(case))
    _, y_new, _ = _new_rows(case, X, y, K)
    _require_full(case, y, y_new)
    X, y = _labelled_rows(case, (12, 7), (False, True))
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
    seeds=(2, 1),
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
)
def smote_is_uniform(case: Case) -> None:
    n_rare, k = 20, 3
    X, y = _labelled_rows(case, (1420, n_rare), (0, 1), width=3)
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
    X, y = _labelled_rows(case, (20, 9), (0, 1))
    case.leaves_alone(X, y, 3, case.fresh_rng())


@check(
    "smote",
    "the same state of rng gives the same rows, another state others",
    advice="Draw with `rng` only; do not call `np.random.seed` or make a generator of your own.",
    weight=0.5,
    seeds=(1, 0),
)
def smote_follows_rng(case: Case) -> None:
    X, y = _labelled_rows(case, (20, 9), (0, 1))
    case.follows_rng(
        X,
        y,
        3,
        case.fresh_rng(),
        read=lambda returned: _resampled(case, returned, X, y),
        same=_same_arrays,
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
    X, y = _labelled_rows(case, (12, 5), (0, 1))
    case.refuses(X, y, 5, case.fresh_rng(), why="a class of 5 rows with k_neighbors = 5")
    case.refuses(X, np.ones_like(y), 3, case.fresh_rng(), why="a y with one class only")
    for bad in (np.nan, -np.inf):
        X[3, 1] = bad
        case.refuses(X, y, 3, case.fresh_rng(), why=f"an X that holds {bad}")
    X, y = _labelled_rows(case, (4, 4), (0, 1))
    _, _, made = _new_rows(case, X, y, 5)  # nothing has to be filled up
    if len(made):
        case.fail("Where all classes are equally large, there is nothing to add.")


# ---------------------------------------------------------------------- average_precision


def _average_precision(case: Case, y: np.ndarray, scores: np.ndarray, what: str) -> None:
    case.matches_reference(
        y,
        scores,
        read=lambda value: case.number(value, "The average precision"),
        close=FLOATS,
        what=what,
    )


@check(
    "average_precision",
    "distinct scores: the sum of precision times the gain in recall",
    advice="Sort by score, best first; at each hit add precision / number of positives.",
    core=True,
    seeds=(3, 1),
)
def ap_of_distinct_scores(case: Case) -> None:
    y = case.rng.random(60) < 0.25
    y[case.rng.integers(60)] = True
    scores = np.round(case.rng.permutation(60) / 60 + 0.4 * y, 6) + np.arange(60) * 1e-8
    labels = y if case.rng.random() < 0.5 else y.astype(np.int64)
    _average_precision(case, labels, scores, "The average precision of untied scores is wrong.")


@check(
    "average_precision",
    "equal scores form one step",
    advice="Take precision and recall only at the last row of each run of equal scores.",
    core=True,
    seeds=(3, 1),
)
def ap_of_tied_scores(case: Case) -> None:
    y = (case.rng.random(80) < 0.3).astype(np.int64)
    y[:2] = (1, 0)
    scores = np.round(case.rng.random(80) + 0.3 * y, 1)
    _average_precision(case, y, scores, "The average precision of tied scores is wrong.")


@check(
    "average_precision",
    "limits: constant scores give the positive rate, a perfect ranking gives 1",
    advice="With one step only, precision is the positive rate and recall goes from 0 to 1.",
    weight=0.5,
)
def ap_at_the_limits(case: Case) -> None:
    y = np.zeros(25, np.int64)
    y[case.rng.choice(25, int(case.rng.integers(2, 9)), replace=False)] = 1
    _average_precision(case, y, np.full(25, 0.5), "Constant scores must give the positive rate.")
    _average_precision(case, y, y * 2.0 - 5.0, "A perfect ranking must give 1.")
    _average_precision(case, y, -y * 1.0, "The worst ranking is wrong.")
    _average_precision(case, np.ones(3, np.int64), np.arange(3.0), "All positives must give 1.")


@check(
    "average_precision",
    "no positives is refused",
    advice="Recall divides by the number of positives: raise ValueError when there is none.",
    weight=0.5,
    seeds=(1, 0),
)
def ap_refuses(case: Case) -> None:
    case.refuses(np.zeros(5, np.int64), np.arange(5.0), why="a y_true without positives")


@check(
    "average_precision",
    "y_true and scores are left alone",
    advice="Sort a copy: `np.argsort` gives the order, `scores.sort()` changes the caller's array.",
    weight=0.5,
    seeds=(1, 0),
)
def ap_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.array([0, 1, 1, 0, 1]), np.array([0.3, 0.9, 0.1, 0.4, 0.2]))


# ---------------------------------------------------------------------- out_of_fold_probabilities


class Spy:
    """The judge's `make_model` and `resample`: answers their calls and remembers them.

    The first column of X is the row's number, so every row is recognised wherever it turns up.
    """

    MAKE, RESAMPLE, FIRST_MODEL = 1, 2, 10

    def __init__(self, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> None:
        self.X, self.y, self.rng = X, y, rng
        self.remotes: dict[int, Any] = {self.MAKE: self._make, self.RESAMPLE: self._resample}
        self.trained: list[np.ndarray | None] = []  # per model: rows it was fitted on
        self.predicted: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.resampled: list[tuple[np.ndarray, np.ndarray]] = []
        self.generators: list[int] = []  # fingerprints of the states handed to resample
        self.problem = ""

    def _rows(self, X: Any, what: str) -> np.ndarray:
        """The numbers of the rows in X; none, and a problem, where it holds anything else."""
        if isinstance(X, np.ndarray) and X.ndim == 2 and 0 < len(X) <= 4 * N_ROWS:
            rows = X[:, 0].astype(np.int64) if X.dtype.kind == "f" else np.full(len(X), -1)
            inside = ((rows >= 0) & (rows < N_ROWS)).all()
            if inside and np.array_equal(self.X[rows], X):
                return rows
        self.problem = self.problem or f"`{what}` did not receive rows of X."
        return np.zeros(0, np.int64)

    @staticmethod
    def _bind(names: str, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
        """The arguments in the order of their names, None where one is missing."""
        given = dict(zip(names.split(), args, strict=False)) | kwargs
        return [given.get(name) for name in names.split()]

    def _make(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Remote:
        number = self.FIRST_MODEL + len(self.trained)
        model = len(self.trained)
        self.trained.append(None)
        self.remotes[number] = lambda method, args, kwargs: self._model(model, method, args, kwargs)
        return Remote(number, ("fit", "predict_proba"))

    def _model(self, model: int, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        X, y = self._bind("X y", args, kwargs)
        rows = self._rows(X, method)
        if method == "fit":
            matches = isinstance(y, np.ndarray) and np.array_equal(y, self.y[rows])
            if not matches:
                self.problem = self.problem or "`fit` did not receive the labels of its rows."
            if self.trained[model] is not None:
                self.problem = self.problem or (
                    "A model was fitted twice. Call `make_model()` once per fold."
                )
            self.trained[model] = rows
            return Remote(self.FIRST_MODEL + model, ("fit", "predict_proba"))
        p = np.round(self.rng.uniform(0.55, 0.95, len(rows)), 9)
        self.predicted.append((model, rows, p))
        return np.column_stack([1 - p, p])

    def _resample(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        X, y, rng = self._bind("X y rng", args, kwargs)
        rows = self._rows(X, "resample")
        if isinstance(rng, Rng):
            self.generators.append(rng.seed)
        else:
            self.problem = self.problem or "Call `resample(X, y, rng)` with your generator."
        if not (isinstance(y, np.ndarray) and np.array_equal(y, self.y[rows])):
            self.problem = self.problem or "`resample` did not receive the labels of its rows."
        drawn = np.concatenate([rows, rows[self.rng.integers(len(rows), size=len(rows) // 2 + 1)]])
        self.resampled.append((rows, drawn))
        return self.X[drawn], self.y[drawn]


N_ROWS, N_FOLDS = 90, 5  # as many folds in the gate; the checks below draw their number


def _grouped_rows(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shuffled rows of 30 groups of 1-5 rows; a third of them positive, of the smallest names."""
    sizes = np.tile([1, 2, 3, 4, 5], 6)
    names = case.rng.permutation(1000)[:30]
    groups = np.repeat(np.sort(names), sizes)
    y = np.zeros(N_ROWS, np.int64)
    positive = np.isin(groups, np.sort(names)[:10])
    y[positive] = 1
    X = np.column_stack([np.arange(N_ROWS), np.round(case.rng.normal(size=(N_ROWS, 2)), 6)])
    order = case.rng.permutation(N_ROWS)
    return X.astype(float), y[order], groups[order]


def _out_of_fold(
    case: Case, with_resample: bool, n_splits: int
) -> tuple[Spy, np.ndarray, np.ndarray]:
    """The spy after a call, the groups, and the returned probabilities, well-formed."""
    X, y, groups = _grouped_rows(case)
    spy = Spy(X, y, np.random.default_rng(int(case.rng.integers(1 << 31))))
    resample = Remote(Spy.RESAMPLE) if with_resample else None
    args = (Remote(Spy.MAKE), X, y, groups, n_splits, resample, case.fresh_rng())
    returned = case.call(*args, remotes=spy.remotes)
    _require_no_resampling_leak(case, spy)  # before the shape, which a leak changes too
    p = case.array(returned, "p", shape=(N_ROWS,), kinds="f", bounds=(0.0, 1.0))
    return spy, groups, p


def _require_honest_folds(case: Case, spy: Spy, groups: np.ndarray, p: np.ndarray) -> None:
    """Every row predicted once, by a model that never saw its group, and that value returned."""
    times = np.zeros(N_ROWS, np.int64)
    wanted = np.full(N_ROWS, np.nan)
    for model, rows, values in spy.predicted:
        trained = spy.trained[model]
        if trained is None:
            return case.fail("A model predicted before it was fitted.")
        shared = np.isin(groups[rows], groups[trained])
        if shared.any():
            rows_too = bool(np.isin(rows, trained).any())
            case.fail(
                f"{int(shared.sum())} rows were predicted by a model whose training rows hold "
                "the same group.",
                misconception=None if rows_too else "groups_split",
            )
        times += np.bincount(rows, minlength=N_ROWS)
        wanted[rows] = values
    if not (times == 1).all():
        case.fail(
            "Every row must be predicted exactly once.",
            expected="1 prediction per row",
            got=f"{int((times == 0).sum())} rows never, {int((times > 1).sum())} more than once",
        )
    if spy.problem:
        case.fail(spy.problem)
    if np.allclose(p, 1 - wanted, atol=1e-6):
        case.fail(
            "These are the probabilities of class 0. `predict_proba` has one column per class, "
            "and the second is P(y = 1)."
        )
    if not np.allclose(p, wanted, rtol=1e-6, atol=1e-7):
        case.fail(
            "p must hold, at each row's own place, what the model of its fold predicted for it.",
            expected=wanted,
            got=p,
        )


def _require_no_resampling_leak(case: Case, spy: Spy) -> None:
    if any(len(rows) >= N_ROWS for rows, _ in spy.resampled):
        case.fail(
            "`resample` was handed all rows, test folds included.",
            misconception="resampled_before_split",
        )
    if any(len(set(rows.tolist())) < len(rows) for _, rows, _ in spy.predicted):
        case.fail(
            "A model was asked to predict some rows twice: the rows of a resampled test fold.",
            misconception="scored_on_resampled",
        )


@check(
    "out_of_fold_probabilities",
    "every row is predicted once, by a model that never saw its group",
    advice="Split with groups (see sklearn's StratifiedGroupKFold), fit on the training rows of "
    "each fold, and write its predictions to the places of the test rows.",
    core=True,
)
def folds_are_honest(case: Case) -> None:
    n_splits = int(case.rng.choice([3, 4]))
    spy, groups, p = _out_of_fold(case, False, n_splits)
    _require_honest_folds(case, spy, groups, p)
    if len(spy.trained) != n_splits:
        case.fail(
            "Call `make_model()` once per fold.",
            expected=f"{n_splits} models",
            got=f"{len(spy.trained)} models",
        )
    for model, trained in enumerate(spy.trained):
        held_out = np.concatenate([rows for at, rows, _ in spy.predicted if at == model])
        if trained is None or _bag(trained) != _bag(np.setdiff1d(np.arange(N_ROWS), held_out)):
            case.fail("Fit the model of each fold on all rows outside the fold, each once.")


@check(
    "out_of_fold_probabilities",
    "resample sees the training rows of each fold, once, and the model is fitted on its result",
    advice="Inside the loop: take the fold's training rows, pass them through `resample`, fit.",
    core=True,
)
def resampling_stays_inside(case: Case) -> None:
    n_splits = int(case.rng.choice([3, 4]))
    spy, groups, p = _out_of_fold(case, True, n_splits)
    _require_honest_folds(case, spy, groups, p)
    if len(spy.resampled) != n_splits:
        case.fail(
            "Call `resample` once per fold, on its training rows.",
            expected=f"{n_splits} calls",
            got=f"{len(spy.resampled)} calls",
        )
    fitted = sorted(_bag(rows) for rows in spy.trained if rows is not None)
    if fitted != sorted(_bag(drawn) for _, drawn in spy.resampled):
        case.fail("Fit each model on exactly the rows that `resample` returned.")
    for rows, _ in spy.resampled:
        if len(set(rows.tolist())) != len(rows):
            case.fail("`resample` was handed rows twice. Hand it the fold's own training rows.")
    handed = sum(len(rows) for rows, _ in spy.resampled)
    if handed != N_ROWS * (n_splits - 1):
        case.fail(
            "`resample` must be handed all training rows of its fold.",
            expected=f"{N_ROWS * (n_splits - 1)} rows over all folds",
            got=f"{handed} rows",
        )


def _bag(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(sorted(rows.tolist()))


@check(
    "out_of_fold_probabilities",
    "each fold's positive rate is within a factor of 2 of the whole",
    advice="Use StratifiedGroupKFold(shuffle=True), or spread positive and negative groups over "
    "the folds separately.",
)
def folds_are_stratified(case: Case) -> None:
    spy, _, _ = _out_of_fold(case, False, N_FOLDS)
    whole = float(spy.y.mean())
    by_model: dict[int, list[np.ndarray]] = {}
    for model, rows, _ in spy.predicted:
        by_model.setdefault(model, []).append(rows)
    if not all(sum(map(len, rows)) for rows in by_model.values()):
        case.fail("A fold is empty.")
    rates = [float(spy.y[np.concatenate(rows)].mean()) for rows in by_model.values()]
    if not all(whole / 2 <= rate <= whole * 2 for rate in rates):
        case.fail(
            "Some folds hold far more or far fewer positives than the whole.",
            expected=f"rates between {whole / 2:.3f} and {whole * 2:.3f}",
            got=", ".join(f"{rate:.3f}" for rate in rates),
        )


@check(
    "out_of_fold_probabilities",
    "global random state is left alone",
    advice="Pass `rng` on, or a number drawn from it; call no `np.random.seed`.",
    weight=0.5,
    seeds=(1, 0),
)
def folds_leave_alone(case: Case) -> None:
    X, y, groups = _grouped_rows(case)
    spy = Spy(X, y, np.random.default_rng(0))
    args = (Remote(Spy.MAKE), X, y, groups, N_FOLDS, Remote(Spy.RESAMPLE), case.fresh_rng())
    case.leaves_alone(*args, remotes=spy.remotes)


@check(
    "out_of_fold_probabilities",
    "the folds follow rng: same state, same folds; another state, others",
    advice="Shuffle with `rng`, or seed the splitter: `random_state=int(rng.integers(2**31))`.",
    weight=0.5,
    seeds=(1, 0),
)
def folds_follow_rng(case: Case) -> None:
    X, y, groups = _grouped_rows(case)
    rng, other = case.fresh_rng(), case.fresh_rng()

    def folds(state: Rng) -> tuple[set[tuple[int, ...]], list[int]]:
        spy = Spy(X, y, np.random.default_rng(0))
        resample = Remote(Spy.RESAMPLE)
        case.call(Remote(Spy.MAKE), X, y, groups, N_FOLDS, resample, state, remotes=spy.remotes)
        return {_bag(rows) for rows, _ in spy.resampled}, spy.generators

    split, generators = folds(rng)
    if folds(rng) != (split, generators):
        case.fail("Two calls with the same state of `rng` gave two splits.")
    other_split, other_generators = folds(other)
    if other_split == split:
        case.fail("Generators in different states gave the same split. Shuffle with `rng`.")
    if other_generators == generators:
        case.fail(
            "`resample` was handed a generator in the same state, whatever the state of yours. "
            "Hand it your `rng`."
        )


@check(
    "out_of_fold_probabilities",
    "fewer groups than folds is refused",
    advice="Count the distinct groups before you split, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def folds_refuse(case: Case) -> None:
    X = np.column_stack([np.arange(12.0), np.zeros(12), np.zeros(12)])
    y, groups = np.arange(12) % 2, np.arange(12) % 3
    spy = Spy(X, y, np.random.default_rng(0))
    args = (Remote(Spy.MAKE), X, y, groups, N_FOLDS, None, case.fresh_rng())
    case.refuses(*args, remotes=spy.remotes, why="3 groups for 5 folds")


# ---------------------------------------------------------------------- focal_loss


def _scalar_loss(case: Case, value: Any, dtype: str) -> Tensor:
    if not isinstance(value, Tensor):
        case.fail("Return a torch tensor.", got=type(value).__name__, category="wrong type")
    if value.array.shape != ():
        case.fail(
            "The loss must be a 0-dim tensor: the mean over all rows.",
            expected="()",
            got=str(value.array.shape),
            category="wrong shape",
        )
    if value.array.dtype != dtype:
        case.fail(
            "The loss must have the dtype of the logits.",
            expected=dtype,
            got=str(value.array.dtype),
            category="wrong dtype",
        )
    if not np.isfinite(value.array):
        case.fail("The loss is not finite.", got=value, category="not finite")
    return value


def _focal_case(case: Case, dtype: str, spread: float) -> tuple[Tensor, Tensor]:
    logits = np.round(case.rng.normal(0, spread, 30), 4).astype(dtype)
    targets = (case.rng.random(30) < 0.3).astype(dtype)
    targets[:2] = (0, 1)
    return Tensor(logits, requires_grad=True), Tensor(targets)


def _focal(case: Case, *args: Any, dtype: str, grad: bool = False, what: str) -> None:
    loose = dtype == "float32"
    case.matches_reference(
        *args,
        read=lambda value: _scalar_loss(case, value, dtype),
        view=lambda value: [numbers(v) for v in value] if grad else numbers(value),
        close=close(rtol=2e-4 if loose else 1e-7, atol=1e-6 if loose else 1e-10),
        grad=grad,
        what=what,
    )


@check(
    "focal_loss",
    "the mean of alpha_t (1 - p_t)^gamma times the cross-entropy",
    advice="Write p_t, the probability given to the true class, and alpha_t, its weight; then the "
    "formula of Lin et al. (2017), eq. 5, averaged over all rows.",
    core=True,
    seeds=(3, 1),
)
def focal_value(case: Case) -> None:
    logits, targets = _focal_case(case, "float64", 2.0)
    gamma = float(np.round(case.rng.uniform(1.0, 3.0), 2))
    alpha = float(np.round(case.rng.uniform(0.6, 0.9), 2))
    _focal(case, logits, targets, gamma, alpha, dtype="float64", what="The loss is wrong.")


@check(
    "focal_loss",
    "gamma = 0 and alpha = 0.5 is half the cross-entropy",
    advice="With gamma = 0 the modulating factor is 1, whatever p_t is.",
    weight=0.5,
)
def focal_without_focus(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    what = "This is not half the binary cross-entropy."
    _focal(case, logits, targets, 0.0, 0.5, dtype="float32", what=what)
    _focal(case, logits, targets, 0.0, 0.5, dtype="float32", grad=True, what="Gradient: " + what)


@check(
    "focal_loss",
    "targets of any 0/1 dtype serve: float, int or bool",
    advice="Convert the targets to the dtype of the logits before you use them.",
    weight=0.5,
)
def focal_target_dtypes(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    for dtype in (np.bool_, np.int64):
        kind = Tensor(targets.array.astype(dtype))
        what = f"With {np.dtype(dtype)} targets the loss is wrong."
        _focal(case, logits, kind, 2.0, 0.25, dtype="float32", what=what)


@check(
    "focal_loss",
    "the gradient is that of the formula",
    advice="Keep every step in torch: no `.detach()`, `.item()`, `.numpy()` or `torch.tensor(...)` "
    "on the way from logits to loss.",
    core=True,
    seeds=(2, 1),
)
def focal_gradient(case: Case) -> None:
    logits, targets = _focal_case(case, "float64", 2.0)
    gamma = float(np.round(case.rng.uniform(1.0, 3.0), 2))
    _focal(
        case,
        logits,
        targets,
        gamma,
        0.75,
        dtype="float64",
        grad=True,
        what="The gradient with respect to the logits is wrong.",
    )


@check(
    "focal_loss",
    "loss and gradient stay finite for logits of +-100",
    advice="Use `F.logsigmoid` or `F.binary_cross_entropy_with_logits` instead of `torch.log` of a "
    "sigmoid, which is log 0 for large logits.",
)
def focal_is_stable(case: Case) -> None:
    logits = Tensor(np.array([100.0, -100.0, 100.0, -100.0, 0.5], np.float32), requires_grad=True)
    targets = Tensor(np.array([1.0, 0.0, 0.0, 1.0, 1.0], np.float32))
    for gamma in (0.0, 2.0):
        what = f"The loss of logits of +-100 with gamma = {gamma:g} is wrong."
        _focal(case, logits, targets, gamma, 0.25, dtype="float32", what=what)
        what = f"The gradient at logits of +-100 with gamma = {gamma:g} is wrong."
        _focal(case, logits, targets, gamma, 0.25, dtype="float32", grad=True, what=what)


@check(
    "focal_loss",
    "logits and targets are left alone",
    advice="Methods that end in an underscore, such as `clamp_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def focal_leaves_alone(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    case.leaves_alone(Tensor(logits.array), targets, 2.0, 0.25)


# ---------------------------------------------------------------------- correct_prior


def _corrected(case: Case, p: np.ndarray, *rates: float, what: str) -> None:
    def read(value: Any) -> np.ndarray:
        value = np.float64(value) if isinstance(value, float) and p.ndim == 0 else value
        value = np.asarray(value) if isinstance(value, np.float64) else value
        return case.array(value, "p", shape=p.shape, kinds="f", bounds=(0.0, 1.0))

    # no absolute tolerance: 0 stays 0, and small probabilities count
    case.matches_reference(p, *rates, read=read, close=close(rtol=1e-6, atol=0.0), what=what)


def _rates(case: Case) -> tuple[float, float]:
    return (
        float(np.round(case.rng.uniform(0.3, 0.6), 3)),
        float(np.round(case.rng.uniform(0.02, 0.2), 3)),
    )


@check(
    "correct_prior",
    "the odds are multiplied by the true odds over the training odds",
    advice="odds = p / (1 - p); multiply by (true / (1 - true)) / (train / (1 - train)); turn back "
    "into a probability with odds / (1 + odds).",
    core=True,
    seeds=(3, 1),
)
def prior_value(case: Case) -> None:
    p = np.round(case.rng.uniform(0.01, 0.99, 40), 6)
    _corrected(case, p, *_rates(case), what="The corrected probabilities are wrong.")


@check(
    "correct_prior",
    "the correction works both ways, and equal rates change nothing",
    advice="Nothing in the formula assumes that training had more positives than the world has.",
    weight=0.5,
)
def prior_both_ways(case: Case) -> None:
    p = np.round(case.rng.uniform(0.01, 0.99, 30), 6)
    train, true = _rates(case)
    _corrected(case, p, true, train, what="Correcting towards a higher rate is wrong.")
    _corrected(case, p, train, train, what="Equal rates must leave p as it is.")


@check(
    "correct_prior",
    "any shape, and 0 and 1 stay",
    advice="Avoid dividing by 1 - p: p t / (p t + (1 - p) u), with t = true / train and "
    "u = (1 - true) / (1 - train), needs no infinity.",
)
def prior_edges(case: Case) -> None:
    rates = _rates(case)
    _corrected(case, np.array([[0.0, 1.0, 0.5], [1.0, 0.25, 0.0]]), *rates, what="0 and 1 stay.")
    _corrected(case, np.array([1e-12, 1e-7]), *rates, what="Very small probabilities are wrong.")
    _corrected(case, np.array(0.4), *rates, what="A 0-d p is wrong.")
    _corrected(case, np.zeros((0, 2)), *rates, what="An empty p stays empty.")


@check(
    "correct_prior",
    "p is left alone",
    advice="Build a new array; `p *= ...` changes the caller's.",
    weight=0.25,
    seeds=(1, 0),
)
def prior_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.linspace(0.1, 0.9, 5), 0.5, 0.1)


@check(
    "correct_prior",
    "a rate outside (0, 1) is refused",
    advice="Odds of 0 and infinity cannot be corrected: raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def prior_refuses(case: Case) -> None:
    p = np.array([0.2, 0.6])
    for train, true in ((0.0, 0.1), (1.0, 0.1), (0.5, 0.0), (0.5, 1.5)):
        case.refuses(p, train, true, why=f"train_rate = {train:g}, true_rate = {true:g}")


# ---------------------------------------------------------------------- best_threshold


def _cost(y: np.ndarray, p: np.ndarray, t: float, fn_cost: float, fp_cost: float) -> float:
    decided = p >= t
    missed, wasted = int((y & ~decided).sum()), int((~y & decided).sum())
    return fn_cost * missed + fp_cost * wasted


def _threshold(case: Case, y: np.ndarray, p: np.ndarray, fn_cost: float, fp_cost: float) -> None:
    truth = y.astype(bool)

    def outcome(t: float) -> float:
        return _cost(truth, p, t, fn_cost, fp_cost)

    case.matches_reference(
        y,
        p,
        fn_cost,
        fp_cost,
        read=lambda value: case.number(value, "The threshold"),
        view=outcome,
        close=close(rtol=1e-9, atol=1e-9),
        what="Deciding p >= t at your threshold costs more than it has to.",
    )


def _scored_rows(case: Case, digits: int) -> tuple[np.ndarray, np.ndarray]:
    y = case.rng.random(70) < 0.25
    y[:2] = (True, False)
    p = np.round(np.clip(case.rng.beta(2, 5, 70) + 0.25 * y, 0.001, 0.999), digits)
    return y, p


@check(
    "best_threshold",
    "no threshold costs less",
    advice="Try every distinct p as a threshold, and one above the largest; compare their costs.",
    core=True,
    seeds=(4, 1),
)
def threshold_is_optimal(case: Case) -> None:
    y, p = _scored_rows(case, 6)
    fn_cost = float(np.round(case.rng.uniform(3, 9), 1))
    _threshold(case, y if case.rng.random() < 0.5 else y.astype(np.int64), p, fn_cost, 1.0)
    _threshold(case, y, p, 1.0, float(np.round(case.rng.uniform(2, 5), 1)))
    close_by = np.array([0.40001, 0.40002, 0.40003, 0.9])
    _threshold(case, np.array([0, 0, 1, 1]), close_by, 3.0, 1.0)


@check(
    "best_threshold",
    "tied probabilities are decided together",
    advice="A threshold cannot separate equal probabilities: only distinct values count.",
    seeds=(3, 1),
)
def threshold_with_ties(case: Case) -> None:
    y, p = _scored_rows(case, 1)
    _threshold(case, y, p, 4.0, 1.0)
    _threshold(case, np.array([1] + [0] * 9), np.full(10, 0.5), 4.0, 1.0)


@check(
    "best_threshold",
    "'nobody' and 'everybody' are choices too",
    advice="'Nobody' needs a finite t above the largest p, 'everybody' one at most the smallest.",
)
def threshold_extremes(case: Case) -> None:
    y, p = _scored_rows(case, 3)
    _threshold(case, y, p, 0.0, 1.0)
    _threshold(case, y, p, 1.0, 0.0)
    _threshold(case, np.zeros(5, np.int64), np.array([0.2, 0.9, 1.0, 0.4, 1.0]), 5.0, 1.0)
    _threshold(case, np.ones(4, np.int64), np.array([0.0, 0.9, 0.3, 0.0]), 5.0, 1.0)
    _threshold(case, np.array([1, 0, 0, 0]), np.array([0.1, 0.9, 0.8, 0.7]), 1.0, 1.0)


@check(
    "best_threshold",
    "y_true and p are left alone",
    advice="Sort a copy: `np.sort(p)` or `np.unique(p)`; `p.sort()` changes the caller's array.",
    weight=0.5,
    seeds=(1, 0),
)
def threshold_leaves_alone(case: Case) -> None:
    case.leaves_alone(np.array([0, 1, 1, 0]), np.array([0.3, 0.9, 0.1, 0.4]), 5.0, 1.0)


# ---------------------------------------------------------------------- coupon_model

MISS_COST, ALARM_COST = 8.0, 1.0
THRESHOLD = ALARM_COST / (MISS_COST + ALARM_COST)
MIN_AP_RATIO, MAX_BRIER_RATIO, MAX_COST_RATIO = 0.85, 1.25, 0.80
MAX_SHUFFLED_AP_RATIO = 0.75


@cache
def _campaign_rows() -> tuple[Any, np.ndarray, np.ndarray]:
    """The real table and the masks of its strict split: learn from the past, test on the future."""
    from shelfspace.data import imbalance_table, split_strict

    table = imbalance_table()
    return table, *split_strict(table)


@cache
def _plain_logistic() -> tuple[float, float]:
    """Average precision and Brier score of plain logistic regression on the strict split."""
    from shelfspace.baselines import logistic_regression

    table, train, test = _campaign_rows()
    model = logistic_regression().fit(table.X[train], table.y[train])
    return _scores(table.y[test], model.predict_proba(table.X[test])[:, 1])


def household_folds(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) fold numbers 0..4 of rows; a household's rows share one."""
    households = rng.permutation(np.unique(groups))
    fold_of = dict(zip(households.tolist(), np.arange(len(households)) % N_FOLDS, strict=True))
    return np.array([fold_of[household] for household in groups.tolist()])


def cost_at_gate(y: np.ndarray, p: np.ndarray) -> float:
    """Total cost of mailing where p is at least 1/9."""
    return _cost(y.astype(bool), p, THRESHOLD, MISS_COST, ALARM_COST)


def _scores(y: np.ndarray, p: np.ndarray) -> tuple[float, float]:
    from sklearn.metrics import average_precision_score, brier_score_loss

    return float(average_precision_score(y, p)), float(brier_score_loss(y, p))


def _coupon_probabilities(
    case: Case, X: np.ndarray, y: np.ndarray, groups: np.ndarray, X_new: np.ndarray
) -> np.ndarray:
    """P(y = 1) by the submission's model, well-formed."""
    model = case.make(X, y, groups, case.fresh_rng())
    returned = case.call_method(model, "predict_proba", X_new)
    shape = (len(X_new), 2)
    p = case.array(returned, "predict_proba(X)", shape=shape, kinds="f", bounds=(0.0, 1.0))
    if not np.allclose(p.sum(1), 1.0, atol=1e-5):
        case.fail("Each row of predict_proba(X) must sum to 1: P(y = 0), then P(y = 1).")
    return p[:, 1].astype(float)


def _strict_probabilities(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the strict split's test campaigns, and the submission's probabilities for them."""
    table, train, test = _campaign_rows()
    p = _coupon_probabilities(
        case, table.X[train], table.y[train], table.groups[train], table.X[test]
    )
    return table.y[test], p


@check(
    "coupon_model",
    f"average precision on later campaigns is at least {MIN_AP_RATIO:g} x plain regression's",
    advice="Start from a scaled, regularised logistic regression on the rows as they are; every "
    "change must earn its place in cross-validation.",
    core=True,
)
def gate_ranks(case: Case) -> None:
    y, p = _strict_probabilities(case)
    got, (plain, _) = _scores(y, p)[0], _plain_logistic()
    if got < MIN_AP_RATIO * plain:
        case.fail(
            "The model ranks the households of later campaigns worse than a plain model does.",
            expected=f"at least {MIN_AP_RATIO * plain:.3f}",
            got=f"{got:.3f}",
        )


@check(
    "coupon_model",
    f"its Brier score there is at most {MAX_BRIER_RATIO:g} x that of plain logistic regression",
    advice="If you resample or weight classes, undo it in the probabilities with `correct_prior`.",
)
def gate_is_calibrated(case: Case) -> None:
    y, p = _strict_probabilities(case)
    got, (_, plain) = _scores(y, p)[1], _plain_logistic()
    if got > MAX_BRIER_RATIO * plain:
        case.fail(
            "The probabilities are not calibrated.",
            expected=f"a Brier score of at most {MAX_BRIER_RATIO * plain:.4f}",
            got=f"{got:.4f} (mean probability {p.mean():.3f}, positive rate {y.mean():.3f})",
            misconception="balance_not_undone" if _repaired_by_prior(y, p, plain) else None,
        )


def _repaired_by_prior(y: np.ndarray, p: np.ndarray, plain: float) -> bool:
    """Whether p is as good as calibrated once its prior is moved from 1/2 to the true rate."""
    positive, negative = p * y.mean(), (1 - p) * (1 - y.mean())
    repaired = positive / np.maximum(positive + negative, 1e-12)
    return p.mean() > 1.5 * y.mean() and _scores(y, repaired)[1] <= MAX_BRIER_RATIO * plain


@check(
    "coupon_model",
    "at the threshold 1/9, which a cost of 8 per miss implies, it costs at most "
    f"{MAX_COST_RATIO:g} x what an uncorrected class-balanced model does",
    advice="A threshold from costs is right for calibrated probabilities only: calibrate first.",
)
def gate_is_cheap(case: Case) -> None:
    from shelfspace.baselines import logistic_regression

    table, train, _ = _campaign_rows()
    X, y, groups = table.X[train], table.y[train], table.groups[train]
    folds = household_folds(groups, case.rng)
    cost = balanced_cost = 0.0
    for fold in range(N_FOLDS):
        case.forget()
        inside, held_out = folds != fold, folds == fold
        p = _coupon_probabilities(case, X[inside], y[inside], groups[inside], X[held_out])
        balanced = logistic_regression(class_weight="balanced").fit(X[inside], y[inside])
        q = balanced.predict_proba(X[held_out])[:, 1]
        cost += cost_at_gate(y[held_out], p)
        balanced_cost += cost_at_gate(y[held_out], q)
    if cost > MAX_COST_RATIO * balanced_cost:
        case.fail(
            "Deciding at 1/9 costs too much in cross-validation by household.",
            expected=f"at most {MAX_COST_RATIO * balanced_cost / len(y):.3f} per row",
            got=f"{cost / len(y):.3f} per row",
        )


@check(
    "coupon_model",
    "it learns from the labels that it is given",
    advice="Fit in the function, on its arguments; keep nothing fitted outside of it.",
    core=True,
    seeds=(1, 0),
)
def gate_learns(case: Case) -> None:
    y, p = _strict_probabilities(case)
    table, train, test = _campaign_rows()
    shuffled = case.rng.permutation(table.y[train])
    q = _coupon_probabilities(case, table.X[train], shuffled, table.groups[train], table.X[test])
    got, before = _scores(y, q)[0], _scores(y, p)[0]
    if got > MAX_SHUFFLED_AP_RATIO * before:
        case.fail(
            "Trained on shuffled labels, from which nothing can be learned, it ranks as before.",
            expected=f"an average precision below {MAX_SHUFFLED_AP_RATIO * before:.3f}",
            got=f"{got:.3f}",
        )


@check(
    "coupon_model",
    "its inputs and global random state are left alone",
    advice="Scale a copy (`X -= X.mean(0)` changes the caller's array), and name a `random_state` "
    "drawn from rng; for torch see `torch.random.fork_rng`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_leaves_alone(case: Case) -> None:
    table, train, _ = _campaign_rows()
    rows = np.flatnonzero(train)[::4]
    case.leaves_alone(table.X[rows], table.y[rows], table.groups[rows], case.fresh_rng())


@check(
    "coupon_model",
    "the same state of rng gives the same model",
    advice="Where your model draws at random, pass `random_state=int(rng.integers(2**31))`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_follows_rng(case: Case) -> None:
    table, train, test = _campaign_rows()
    rows = np.flatnonzero(train)[::4]
    args = table.X[rows], table.y[rows], table.groups[rows], case.fresh_rng()
    first, again = (
        case.call_method(case.make(*args), "predict_proba", table.X[test]) for _ in range(2)
    )
    if not close(rtol=1e-6, atol=1e-8)(first, again):
        case.fail("Two models from the same rows and the same state of `rng` predict differently.")
