"""How far right and wrong coupon models lie from the gate's bounds, on 20 seeds.

    python bench/gate_imbalance.py            (about ten minutes on one core)

Writes bench/results/gate_imbalance.json: for each model, the smallest, median and largest ratio of
each measure over the seeds, and how often the gate passes. `shuffled` is the average precision
after training on shuffled labels over that after training on the true ones. A seed decides the
model's own randomness and the folds of cross-validation; the strict split is one and the same.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import average_precision_score, brier_score_loss

from autograder.exercises.imbalance.checks import coupon_model as gate
from shelfspace.baselines import logistic_regression
from shelfspace.data import imbalance_table, split_strict

SEEDS = 20
RESULTS = Path(__file__).parent / "results" / "gate_imbalance.json"


class PriorCorrected:
    """A balanced model whose odds are put back to the true positive rate."""

    def __init__(self, model: object, true_rate: float) -> None:
        self.model, self.true_rate = model, true_rate

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        p = self.model.predict_proba(X)[:, 1]
        positive, negative = p * self.true_rate, (1 - p) * (1 - self.true_rate)
        p = positive / (positive + negative)
        return np.column_stack([1 - p, p])


def _forest(seed: int, class_weight: str | None = None) -> RandomForestClassifier:
    return RandomForestClassifier(
        300, min_samples_leaf=5, class_weight=class_weight, random_state=seed
    )


def _boosting(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=120, max_leaf_nodes=15, learning_rate=0.05, random_state=seed
    )


MODELS: dict[str, Callable] = {
    "right: plain logistic regression": lambda X, y, seed: logistic_regression().fit(X, y),
    "right: balanced, prior corrected": lambda X, y, seed: PriorCorrected(
        logistic_regression("balanced").fit(X, y), y.mean()
    ),
    "right: random forest": lambda X, y, seed: _forest(seed).fit(X, y),
    "right: gradient boosting": lambda X, y, seed: _boosting(seed).fit(X, y),
    "wrong: balanced, not corrected": lambda X, y, seed: logistic_regression("balanced").fit(X, y),
    "wrong: balanced forest, not corrected": lambda X, y, seed: _forest(seed, "balanced").fit(X, y),
    "wrong: constant": lambda X, y, seed: DummyClassifier().fit(X, y),
    "wrong: labels shuffled": lambda X, y, seed: logistic_regression().fit(
        X, np.random.default_rng(seed).permutation(y)
    ),
}


def main() -> None:
    table = imbalance_table()
    train, test = split_strict(table)
    past = table.X[train], table.y[train]
    plain = _measures(table.y[test], logistic_regression().fit(*past), table.X[test])
    summary = {}
    for name, make in MODELS.items():
        rows = []
        for seed in range(SEEDS):
            ranking, brier = _measures(table.y[test], make(*past, seed), table.X[test])
            cost = _cost_ratio(table, train, make, seed)
            shuffled = np.random.default_rng(seed).permutation(past[1])
            blind = _measures(table.y[test], make(past[0], shuffled, seed), table.X[test])[0]
            rows.append((ranking / plain[0], brier / plain[1], cost, blind / ranking))
        summary[name] = _summarise(np.array(rows))
        print(name, json.dumps(summary[name]), flush=True)
    record = {
        "command": "python bench/gate_imbalance.py",
        "seeds": SEEDS,
        "bounds": {
            "average_precision_at_least": gate.MIN_AP_RATIO,
            "brier_at_most": gate.MAX_BRIER_RATIO,
            "cost_at_most": gate.MAX_COST_RATIO,
            "shuffled_at_most": gate.MAX_SHUFFLED_AP_RATIO,
        },
        "plain_logistic_regression": {"average_precision": plain[0], "brier": plain[1]},
        "models": summary,
        "python": platform.python_version(),
        "scikit-learn": version("scikit-learn"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _measures(y: np.ndarray, model: object, X: np.ndarray) -> tuple[float, float]:
    p = model.predict_proba(X)[:, 1]
    return float(average_precision_score(y, p)), float(brier_score_loss(y, p))


def _cost_ratio(table: object, train: np.ndarray, make: Callable, seed: int) -> float:
    """Cost at 1/9 in cross-validation by household, over that of an uncorrected balanced model."""
    X, y = table.X[train], table.y[train]
    folds = gate.household_folds(table.groups[train], np.random.default_rng(seed))
    cost = balanced = 0.0
    for fold in range(gate.N_FOLDS):
        inside, held_out = folds != fold, folds == fold
        cost += _cost(y[held_out], make(X[inside], y[inside], seed), X[held_out])
        other = logistic_regression("balanced").fit(X[inside], y[inside])
        balanced += _cost(y[held_out], other, X[held_out])
    return cost / balanced


def _cost(y: np.ndarray, model: object, X: np.ndarray) -> float:
    return gate.cost_at_gate(y, model.predict_proba(X)[:, 1])


def _summarise(rows: np.ndarray) -> dict[str, object]:
    passed = (
        (rows[:, 0] >= gate.MIN_AP_RATIO)
        & (rows[:, 1] <= gate.MAX_BRIER_RATIO)
        & (rows[:, 2] <= gate.MAX_COST_RATIO)
        & (rows[:, 3] <= gate.MAX_SHUFFLED_AP_RATIO)
    )
    names = ("average_precision", "brier", "cost", "shuffled")
    spread = {
        name: [round(float(value), 3) for value in (column.min(), np.median(column), column.max())]
        for name, column in zip(names, rows.T, strict=True)
    }
    return {**spread, "passes": f"{int(passed.sum())}/{len(rows)}"}


if __name__ == "__main__":
    main()
