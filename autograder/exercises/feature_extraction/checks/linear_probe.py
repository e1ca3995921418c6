"""Checks of the linear probe, on rows that are made so that a leak shows in the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check


def _probed(case: Case, X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    return _read(case, case.call(X, y, groups, case.fresh_rng()))


def _read(case: Case, returned: Any) -> tuple[float, float]:
    mean, std = case.pair(returned, "the mean and the standard deviation of the AUC")
    mean, std = case.number(mean, "mean_auc"), case.number(std, "std_auc")
    if not 0.0 <= mean <= 1.0 or not 0.0 <= std <= 1.0:
        case.fail("An AUC lies between 0 and 1.", got=(mean, std), category="bounds")
    return mean, std


def _labels(case: Case, n: int) -> np.ndarray:
    return case.rng.permutation(np.arange(n) % 2)


@check(
    "linear_probe",
    "a linear signal is found, whatever the scales of the columns",
    advice="Standardise the columns (fitted on the training rows), and fit a logistic regression.",
    core=True,
    seeds=(1, 1),
)
def probe_finds_signal(case: Case) -> None:
    n = 90
    y = _labels(case, n)
    X = case.rng.normal(size=(n, 5)) * np.array([1e-3, 300.0, 1.0, 300.0, 1.0])
    X[:, 0] += 1e-3 * 4 * y
    mean, std = _probed(case, X, y.astype(bool), np.arange(n) % 3)
    if mean < 0.9:
        inverted = mean < 0.1
        case.fail(
            "A column that tells the classes apart, but is small, was not found."
            + (" (Below .5: the scores are those of class 0.)" if inverted else ""),
            expected="a mean AUC above 0.9",
            got=mean,
        )
    if std > 0.15:
        case.fail("Folds that are alike must give similar AUCs.", expected="below 0.15", got=std)


@check(
    "linear_probe",
    "no household stands in training and test at once",
    advice="Split by group: `GroupKFold` or `StratifiedGroupKFold`, with `groups` handed to "
    "`split`.",
    core=True,
    seeds=(1, 1),
)
def probe_splits_by_group(case: Case) -> None:
    # One column per household: of a household that is not in training nothing can be known, and
    # all test rows get the same score.
    n_groups, rows_each = 20, 6
    groups = np.repeat(np.arange(n_groups), rows_each)
    y = np.repeat(_labels(case, n_groups), rows_each)
    X = np.eye(n_groups)[groups]
    order = case.rng.permutation(len(y))
    names = case.rng.choice(1000, n_groups, replace=False)
    mean, _ = _probed(case, X[order], y[order], names[groups][order])
    if mean > 0.95:
        case.fail(
            "The columns only say which household a row is of, and the label of a household that "
            "is in no training row cannot be known.",
            expected="a mean AUC near 0.5",
            got=mean,
            misconception=None if _knows_strangers(case) else "groups_split",
        )


def _knows_strangers(case: Case) -> bool:
    """Whether the target leaks in another way than through a household's other rows."""
    y = _labels(case, 60)
    mean, _ = _probed(case, np.eye(60), y, np.arange(60))
    return mean > 0.95


@check(
    "linear_probe",
    "outliers among the test rows do not spoil it",
    advice="Fit the scaler on the training rows only, best inside a pipeline.",
)
def probe_scales_inside(case: Case) -> None:
    # Two households: one is clean, the other holds outliers. A fold that is trained on the clean
    # one finds the signal, unless the outliers have squeezed it into nothing.
    n = 80
    y = _labels(case, 2 * n)
    X = case.rng.normal(size=(2 * n, 8))
    X[:, 0] += 4 * y
    households = np.repeat([4, 9], n)
    outliers = n + case.rng.choice(n, 6, replace=False)
    spoilt = X.copy()
    spoilt[outliers, 0] = 1e7 * (2 * y[outliers] - 1)
    mean, std = _probed(case, spoilt, y, households)
    if mean + std < 0.9:  # the better of two folds
        # both folds are left with chance, and without the outliers both are good
        squeezed = mean > 0.25 and mean + std < 0.75 and _probed(case, X, y, households)[0] > 0.9
        case.fail(
            "Of two households, the clean one tells the classes apart, and so does the other but "
            "for six outliers. Neither fold's AUC is good.",
            expected="above 0.9 for the fold that is trained on the clean household",
            got=f"{mean + std:.3f}",
            misconception="scaled_on_all_rows" if squeezed else None,
        )


@check(
    "linear_probe",
    "the regularisation strength is chosen on training rows",
    advice="Choose it by an inner cross-validation on the training fold (`LogisticRegressionCV` in "
    "the pipeline, say), never by the AUC of the test rows.",
)
def probe_chooses_inside(case: Case) -> None:
    # In each household, two columns together tell the classes apart (one is noise, the other noise
    # plus or minus the signal), and each household's rule is wrong for the other. Only a strong
    # regularisation, which learns each column's own tendency, does well on the *test* rows.
    n = 60
    y = np.concatenate([_labels(case, n), _labels(case, n)])
    sign = 2.0 * y - 1
    noise = 2.0 * case.rng.normal(size=2 * n)
    second = noise + np.where(np.arange(2 * n) < n, 0.0, 2.0) * sign
    X = np.column_stack([noise + sign, second])
    X += 0.05 * case.rng.normal(size=X.shape)
    mean, std = _probed(case, X, y, np.repeat([0, 1], n))
    if mean > 0.45:
        case.fail(
            "What two households' training rows teach is wrong for the other household's rows, yet "
            "the AUC there is good.",
            expected="a mean AUC below 0.45",
            got=mean,
            misconception="strength_on_test" if 0.53 < mean < 0.8 and std > 0 else None,
        )


@check(
    "linear_probe",
    "only what is linear in the features is found",
    advice="A logistic regression on the features as they are: no products, no trees, no network.",
    weight=0.5,
    seeds=(1, 0),
)
def probe_is_linear(case: Case) -> None:
    # the label says how far a column is from 0, on either side
    far = _labels(case, 120)
    X = (case.rng.choice([-1.0, 1.0], 120) * (0.2 + far))[:, None]
    X += 0.05 * case.rng.normal(size=X.shape)
    mean, _ = _probed(case, X, far, np.arange(120) % 3)
    if mean > 0.9:
        case.fail(
            "A signal that no linear model can see was found.",
            expected="a mean AUC near 0.5",
            got=mean,
        )


@check(
    "linear_probe",
    "the standard deviation is the population's, over the folds",
    advice="`np.std(aucs)` divides by the number of folds; `ddof=1` by one less.",
    weight=0.5,
)
def probe_has_population_std(case: Case) -> None:
    # What household 1 teaches is right for household 2, and what 2 teaches is wrong for 1.
    n = 40
    y = np.concatenate([_labels(case, n), _labels(case, n)])
    sign = 2.0 * y - 1
    first = np.arange(2 * n) < n
    X = np.column_stack([sign, np.where(first, 1.0, -0.5) * sign])
    X += 0.01 * case.rng.normal(size=X.shape)
    X[~first] += 0.6  # which moves every score by the same, and leaves the order alone
    mean, std = _probed(case, X, y, np.where(first, 1, 2))
    if abs(mean - 0.5) > 0.05 or abs(std - 0.5) > 0.05:
        case.fail(
            "One of two folds has an AUC of 1, the other of 0.",
            expected="mean 0.5 and standard deviation 0.5",
            got=(mean, std),
        )


@check(
    "linear_probe",
    "folds without both classes are skipped",
    advice="Count the classes among the fold's test rows, and among its training rows, before you "
    "fit; a skipped fold counts neither as 0.5 nor as nan.",
    weight=0.5,
)
def probe_skips_folds(case: Case) -> None:
    n = 40
    groups = np.repeat([0, 1, 2], n)
    y = np.concatenate([_labels(case, n), _labels(case, n), np.full(n, case.rng.integers(2))])
    X = case.rng.normal(size=(3 * n, 3))
    X[:, 1] += 12 * y
    mean, std = _probed(case, X, y, groups)
    if mean < 0.97 or std > 0.05:
        case.fail(
            "One of three households has one class only; in the others the classes lie far apart.",
            expected="mean 1 and standard deviation 0, from two folds",
            got=(mean, std),
        )
    # a household with both classes and one with class 0: neither can be the test fold
    y[n : 2 * n] = 0
    args = X[: 2 * n], y[: 2 * n], groups[: 2 * n], case.fresh_rng()
    none_left = case.pair(case.call(*args), "the mean and the standard deviation of the AUC")
    if not all(isinstance(value, float) and np.isnan(value) for value in none_left):
        case.fail("Where no fold is left, both results are nan.", expected="nan", got=none_left)


@check(
    "linear_probe",
    "inputs and global random state are left alone",
    advice="Scale into a new array, and pass `random_state=int(rng.integers(2**31))` on.",
    weight=0.5,
    seeds=(1, 0),
)
def probe_leaves_alone(case: Case) -> None:
    y = _labels(case, 48)
    case.leaves_alone(case.rng.normal(size=(48, 3)), y, np.arange(48) % 2, case.fresh_rng())


@check(
    "linear_probe",
    "the folds follow rng: same state, same result; another state, another",
    advice="Shuffle the groups with `rng`, or seed the splitter: `shuffle=True, "
    "random_state=int(rng.integers(2**31))`.",
    weight=0.5,
    seeds=(1, 0),
)
def probe_follows_rng(case: Case) -> None:
    y = _labels(case, 90)
    X = case.rng.normal(size=(90, 3))
    X[:, 0] += 0.7 * y
    case.follows_rng(
        X,
        y,
        np.arange(90) // 3,
        case.fresh_rng(),
        read=lambda returned: _read(case, returned),
        same=lambda left, right: bool(np.allclose(left, right, rtol=0, atol=1e-9)),
    )


@check(
    "linear_probe",
    "one group, one class, or three, are refused",
    advice="Count `np.unique(groups)` and `np.unique(target)` first.",
    weight=0.5,
    seeds=(1, 0),
)
def probe_refuses(case: Case) -> None:
    X, y = case.rng.normal(size=(30, 2)), _labels(case, 30)
    groups = np.arange(30) % 6
    case.refuses(X, y, np.zeros_like(groups), case.fresh_rng(), why="a single group")
    case.refuses(X, np.ones_like(y), groups, case.fresh_rng(), why="a target with one class only")
    three = np.arange(30) % 3
    case.refuses(X, three, groups, case.fresh_rng(), why="a target with three classes")
