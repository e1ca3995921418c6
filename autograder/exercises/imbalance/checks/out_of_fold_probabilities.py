"""Checks of out-of-fold probabilities, seen through the judge's own models."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Remote, Rng


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


N_ROWS, N_FOLDS = 90, 5


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
    seeds=(1, 0),
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
    args = (Remote(Spy.MAKE), X, y, groups, 2, Remote(Spy.RESAMPLE), case.fresh_rng())
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
        case.call(Remote(Spy.MAKE), X, y, groups, 3, resample, state, remotes=spy.remotes)
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
