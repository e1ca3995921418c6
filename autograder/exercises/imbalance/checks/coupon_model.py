"""Checks of the gate: a coupon model on the real campaigns."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.imbalance.checks.best_threshold import total_cost

N_FOLDS = 5
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
    return total_cost(y.astype(bool), p, THRESHOLD, MISS_COST, ALARM_COST)


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
    table, train, _ = _campaign_rows()
    X, y, groups = table.X[train], table.y[train], table.groups[train]
    folds = household_folds(groups, case.rng)
    cost, balanced_cost = 0.0, _balanced_cost(folds.tobytes())
    for fold in range(N_FOLDS):
        case.forget()
        inside, held_out = folds != fold, folds == fold
        p = _coupon_probabilities(case, X[inside], y[inside], groups[inside], X[held_out])
        cost += cost_at_gate(y[held_out], p)
    if cost > MAX_COST_RATIO * balanced_cost:
        case.fail(
            "Deciding at 1/9 costs too much in cross-validation by household.",
            expected=f"at most {MAX_COST_RATIO * balanced_cost / len(y):.3f} per row",
            got=f"{cost / len(y):.3f} per row",
        )


@lru_cache(4)
def _balanced_cost(folds: bytes) -> float:
    """What an uncorrected class-balanced model costs in cross-validation over these folds."""
    from shelfspace.baselines import logistic_regression

    table, train, _ = _campaign_rows()
    X, y, fold_of = table.X[train], table.y[train], np.frombuffer(folds, np.int64)
    cost = 0.0
    for fold in range(N_FOLDS):
        inside, held_out = fold_of != fold, fold_of == fold
        balanced = logistic_regression(class_weight="balanced").fit(X[inside], y[inside])
        cost += cost_at_gate(y[held_out], balanced.predict_proba(X[held_out])[:, 1])
    return cost


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
