"""Checks of how well an attribute is predicted back: bounds that any honest classifier meets."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check

CHANCE = 0.85  # without a relation: more than five standard deviations above 0.5
FAR_BELOW, FAR_ABOVE = 0.18, 0.08


def _auc(case: Case, *args: Any) -> float:
    """The AUC that came back for X, attribute and households, well-formed."""
    value = case.number(case.call(*args, case.fresh_rng()), "The AUC")
    if not 0 <= value <= 1:
        case.fail("An AUC lies between 0 and 1.", got=value, category="bounds")
    return value


def true_auc(positive: np.ndarray, score: np.ndarray) -> float:
    """How often a positive row scores above a negative one."""
    return float((score[positive][:, None] > score[~positive][None]).mean())


def _telling_rows(
    case: Case, values: tuple[Any, Any], n: int = 180
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Two rows for each of n households; features that tell an attribute of one in four; the AUC
    of the best linear score."""
    traits = case.rng.normal(size=(n, 5))
    weights = case.rng.choice([-1, 1], 5) * case.rng.uniform(0.6, 1.2, 5)
    blurred = traits @ weights + 1.2 * case.rng.normal(size=n)
    positive = blurred > np.quantile(blurred, 0.75)
    rows = np.repeat(np.arange(n), 2)
    X = traits[rows] + 0.2 * case.rng.normal(size=(2 * n, 5))
    best = true_auc(positive[rows], X @ weights)
    X = X * np.array([1.0, 1000.0, 0.01, 30.0, 5.0]) + np.array([0.0, 5000.0, 1.0, -40.0, 0.0])
    households = case.rng.permutation(10 * n)[:n]
    attribute = np.where(positive, np.array(values[1]), np.array(values[0]))
    order = case.rng.permutation(2 * n)
    return X[order], attribute[rows][order], households[rows][order], best


def _wordless_rows(
    case: Case, n: int, n_rows: int, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows that tell the household by their many features, and nothing of the attribute."""
    rows = np.repeat(np.arange(n), n_rows)
    X = case.rng.normal(size=(n, width))[rows] + 0.05 * case.rng.normal(size=(len(rows), width))
    attribute = case.rng.permutation(np.arange(n) % 2)[rows]
    households = case.rng.permutation(10 * n)[:n][rows]
    order = case.rng.permutation(len(rows))
    return X[order], attribute[order], households[order]


@check(
    "proxy_strength",
    "a linear relation is found, whatever the scales of the features and the attribute's values",
    advice="Scale the features, fit a logistic regression, and rank held-out rows by its score "
    "(decision_function or predict_proba), not by its decisions.",
    core=True,
    seeds=(1, 1),
)
def proxy_is_found(case: Case) -> None:
    for values in ((3, -1), ("owner", "tenant")):
        X, attribute, households, best = _telling_rows(case, values)
        got = _auc(case, X, attribute, households)
        if not best - FAR_BELOW <= got <= best + FAR_ABOVE:
            case.fail(
                "The features here tell the attribute by a linear relation; the AUC does not show "
                "it as it is.",
                expected=f"about {best:.2f}",
                got=f"{got:.3f}",
            )


@check(
    "proxy_strength",
    "rows are scored by a model that did not see them",
    advice="Fit on the training rows of each fold, score the held-out ones, and only those.",
    core=True,
    seeds=(1, 1),
)
def proxy_is_cross_validated(case: Case) -> None:
    X, attribute, households = _wordless_rows(case, 160, 1, 160)
    got = _auc(case, X, attribute, households)
    if got > CHANCE:
        case.fail(
            "The features here are noise, and yet the attribute seems to be predictable.",
            expected="about 0.5",
            got=f"{got:.3f}",
            misconception="scored_on_training_rows",
        )


@check(
    "proxy_strength",
    "no household is in training and test at once",
    advice="Split by household: StratifiedGroupKFold(...).split(X, y, households).",
    core=True,
    seeds=(1, 1),
)
def proxy_holds_households_out(case: Case) -> None:
    X, attribute, households = _wordless_rows(case, 160, 4, 200)
    got = _auc(case, X, attribute, households)
    if got > CHANCE:
        case.fail(
            "The attribute here is a coin toss per household, and yet it seems to be predictable: "
            "the rows of one household are in training and test.",
            expected="about 0.5",
            got=f"{got:.3f}",
            misconception="households_split",
        )


@check(
    "proxy_strength",
    "an AUC below 0.5 is reported as it is",
    advice="Return what roc_auc_score gives; no max(auc, 1 - auc).",
    seeds=(1, 1),
)
def proxy_below_chance(case: Case) -> None:
    n, width = 60, 60
    # pairs of households with the same features and opposite attributes: whoever learns from one
    # of a pair is wrong about the other
    X = np.repeat(case.rng.normal(size=(n, width)), 2, axis=0)
    X += 0.01 * case.rng.normal(size=X.shape)
    attribute = np.tile([False, True], n)
    households = case.rng.permutation(2000)[: 2 * n]
    order = case.rng.permutation(2 * n)
    got = _auc(case, X[order], attribute[order], households[order])
    if got >= 0.5:
        case.fail(
            "Every household here has a twin with the same features and the other attribute, so "
            "that held-out rows are ranked the wrong way round. That must show.",
            expected="an AUC well below 0.5",
            got=f"{got:.3f}",
            misconception="auc_turned_round",
        )


@check(
    "proxy_strength",
    "the same state of rng gives the same value, another state another",
    advice="Shuffle the folds with random_state=int(rng.integers(2**31)).",
    weight=0.5,
    seeds=(1, 0),
)
def proxy_follows_rng(case: Case) -> None:
    X, attribute, households, _ = _telling_rows(case, (0, 1), 60)
    case.follows_rng(
        X,
        attribute,
        households,
        case.fresh_rng(),
        read=lambda value: case.number(value, "The AUC"),
        same=lambda left, right: abs(left - right) < 1e-9,
    )


@check(
    "proxy_strength",
    "inputs and global random state are left alone",
    advice="Scale a copy, and name a `random_state` wherever scikit-learn takes one.",
    weight=0.5,
    seeds=(1, 0),
)
def proxy_leaves_alone(case: Case) -> None:
    X, attribute, households, _ = _telling_rows(case, (0, 1), 60)
    case.leaves_alone(X, attribute, households, case.fresh_rng())


@check(
    "proxy_strength",
    "an attribute with one value, or with three, is refused",
    advice="Count np.unique(attribute), and raise ValueError with a sentence unless there are two.",
    weight=0.5,
    seeds=(1, 0),
)
def proxy_refuses(case: Case) -> None:
    X, attribute, households, _ = _telling_rows(case, (0, 1), 60)
    one, three = np.zeros_like(attribute), households % 3
    case.refuses(X, one, households, case.fresh_rng(), why="an attribute with one value")
    case.refuses(X, three, households, case.fresh_rng(), why="an attribute with three values")
