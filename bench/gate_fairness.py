"""How far right and wrong models lie from the fairness gate's bounds, on 20 batches of samples.

    python bench/gate_fairness.py            (about a quarter of an hour on two cores)

Writes bench/results/gate_fairness.json: for each model, the smallest, median and largest value over
the batches of what the gate measures, and how often the gate passes. A batch is what one submission
meets in grading: five samples of the usual rate, whose figures are averaged, and two of other
rates.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from autograder.contracts import load_contracts
from autograder.exercises.fairness.checks import fair_model as gate
from shelfspace.baselines import logistic_regression

SEEDS = 20
FIRST_SEED = 40_000
ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "gate_fairness.json"
FIGURES = ("gap_left", "auc_gain", "calibration_error", "calibration_error_at_other_rates")

Predict = Callable[[np.ndarray], np.ndarray]
Maker = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], Predict]


def _erased_rate(y: np.ndarray, group: np.ndarray) -> float:
    return float(np.clip(1 - y[group == 1].mean() / y[group == 0].mean(), 0, 0.95))


def _logistic(X: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> Predict:
    model = logistic_regression().fit(X, y, logisticregression__sample_weight=weights)
    return lambda rows: model.predict_proba(rows)[:, 1]


def _minimised(
    X: np.ndarray, value_and_slope: Callable[[np.ndarray], tuple[float, np.ndarray]]
) -> Predict:
    """The linear model whose logits on the standardised X minimise a mean loss.

    `value_and_slope` gives the loss of logits and its derivative with respect to each of them.
    """
    mean, scale = X.mean(0), X.std(0) + 1e-9
    Z = np.column_stack([(X - mean) / scale, np.ones(len(X))])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = value_and_slope(Z @ w)
        return value + 5e-4 * float(w[:-1] @ w[:-1]), Z.T @ slope + 1e-3 * np.append(w[:-1], 0.0)

    w = minimize(loss, np.zeros(Z.shape[1]), jac=True, method="L-BFGS-B").x
    return lambda rows: expit((rows - mean) / scale @ w[:-1] + w[-1])


# ---------------------------------------------------------------------- right


def reference(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: np.random.Generator) -> Predict:
    model = _fair_model()(X, y, group, rng)
    return lambda rows: model.predict_proba(rows)[:, 1]


@cache
def _fair_model() -> Any:
    notebook = ROOT / "solutions" / "fairness" / "fairness.ipynb"
    return load_contracts(notebook, ["fair_model"])["fair_model"]


def likelihood_of_records(
    X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any, rate: float | None = None
) -> Predict:
    """P(recorded 1) = kept p, maximised by SciPy with a gradient by hand."""
    erased = _erased_rate(y, group) if rate is None else rate
    kept = np.where(group == 1, 1 - erased, 1.0)

    def value_and_slope(logits: np.ndarray) -> tuple[float, np.ndarray]:
        p = expit(logits)
        q = np.clip(kept * p, 1e-12, 1 - 1e-12)
        value = -np.where(y == 1, np.log(q), np.log1p(-q)).mean()
        return float(value), (q - y) / (1 - q) * (1 - p) / len(y)

    return _minimised(X, value_and_slope)


def expectation_maximisation(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    """Each recorded 0 of group 1 counts as a 1 with the probability that it was one."""
    rate = _erased_rate(y, group)
    doubtful = (group == 1) & (y == 0)
    share = np.where(doubtful, 0.15, y.astype(float))
    for _ in range(8):

        def value_and_slope(logits: np.ndarray, share: np.ndarray = share) -> Any:
            entropy = np.logaddexp(0, logits) - share * logits
            return float(entropy.mean()), (expit(logits) - share) / len(share)

        predict = _minimised(X, value_and_slope)
        p = predict(X)
        share = np.where(doubtful, rate * p / (1 - (1 - rate) * p), y)
    return predict


# ---------------------------------------------------------------------- wrong


def unaware(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    return _logistic(X, y)


def without_zone(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    predict = _logistic(X[:, :-1], y)
    return lambda rows: predict(rows[:, :-1])


def class_weights(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    return _logistic(X, y, np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean())))


def reweighed(
    X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any, power: float = 1.0
) -> Predict:
    counts = np.zeros((2, 2))
    np.add.at(counts, (group, y), 1)
    weights = counts.sum(1, keepdims=True) * counts.sum(0) / len(y) / counts
    return _logistic(X, y, (weights**power)[group, y])


def parity_penalty(
    X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any, strength: float = 10.0
) -> Predict:
    """Cross-entropy and the squared difference of the groups' mean probabilities."""
    sides = np.where(group == 1, 1 / (group == 1).sum(), -1 / (group == 0).sum())

    def value_and_slope(logits: np.ndarray) -> tuple[float, np.ndarray]:
        p = expit(logits)
        gap = float(sides @ p)
        entropy = float((np.logaddexp(0, logits) - y * logits).mean())
        slope = (p - y) / len(y) + 2 * strength * gap * sides * p * (1 - p)
        return entropy + strength * gap**2, slope

    return _minimised(X, value_and_slope)


def thresholds(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    """Logits shifted so that those who look like either group are selected equally often.

    The group itself is not at hand when predicting: its probability stands for it.
    """
    predict, of_group = _logistic(X, y), _logistic(X, group)
    logits = np.log(predict(X)) - np.log1p(-predict(X))
    cuts = [np.quantile(logits[group == value], 0.75) for value in (0, 1)]

    def shifted(rows: np.ndarray) -> np.ndarray:
        p = predict(rows)
        return expit(np.log(p) - np.log1p(-p) + (of_group(rows) > 0.5) * (cuts[0] - cuts[1]))

    return shifted


def divided(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    """p / (1 - rate P(group 1)) of the unaware model."""
    rate = _erased_rate(y, group)
    predict, of_group = _logistic(X, y), _logistic(X, group)
    return lambda rows: np.minimum(predict(rows) / (1 - rate * of_group(rows)), 1.0)


def other_group_corrected(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    return likelihood_of_records(X, y, 1 - group, rng, rate=_erased_rate(y, group))


def rate_taken_for_known(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    return likelihood_of_records(X, y, group, rng, rate=0.4)


def constant(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: Any) -> Predict:
    rate = float(y[group == 0].mean())
    return lambda rows: np.full(len(rows), rate)


def noise(X: np.ndarray, y: np.ndarray, group: np.ndarray, rng: np.random.Generator) -> Predict:
    return lambda rows: rng.random(len(rows)) / 2


def _with(maker: Callable[..., Predict], **options: Any) -> Maker:
    return lambda X, y, group, rng: maker(X, y, group, rng, **options)


MODELS: dict[str, Maker] = {
    "right: the reference": reference,
    "right: likelihood of the records, SciPy": likelihood_of_records,
    "right: expectation maximisation": expectation_maximisation,
    "wrong: unaware": unaware,
    "wrong: unaware, zone dropped": without_zone,
    "wrong: class weights": class_weights,
    "wrong: reweighing": reweighed,
    "wrong: reweighing inverted": _with(reweighed, power=-1.0),
    "wrong: parity penalty 10": parity_penalty,
    "wrong: parity penalty 100": _with(parity_penalty, strength=100.0),
    "wrong: group thresholds": thresholds,
    "wrong: probabilities divided": divided,
    "wrong: other group corrected": other_group_corrected,
    "wrong: rate 0.4 taken for known": rate_taken_for_known,
    "wrong: constant": constant,
    "wrong: noise": noise,
}


def measure(batch: int) -> dict[str, list[float]]:
    """What the gate measures of each model on one batch, in the order of FIGURES."""
    first = FIRST_SEED + 10 * batch
    usual = [gate.Sample(first + number) for number in range(gate.SAMPLES)]
    others = [
        gate.Sample(first + gate.SAMPLES + number, rate)
        for number, rate in enumerate(gate.OTHER_RATES)
    ]
    found = {}
    for name, make in MODELS.items():
        rng = np.random.default_rng(batch)

        def probabilities(one: gate.Sample, make: Maker = make, rng: Any = rng) -> np.ndarray:
            train = one.data.train
            return make(train.X, train.y_observed, train.group, rng)(one.data.X_test)

        mean = gate.mean_figures([one.figures(probabilities(one)) for one in usual])
        apart = [one.measures(probabilities(one)).errors[1] for one in others]
        error = max(map(abs, mean.errors))
        found[name] = [mean.gap_left, mean.auc_gain, error, max(map(abs, apart))]
    return found


def _passes(row: np.ndarray) -> bool:
    left, gain, error, apart = row
    return bool(
        left <= gate.MAX_GAP_LEFT
        and gain >= gate.MIN_AUC_GAIN
        and error <= gate.MAX_CALIBRATION_ERROR
        and apart <= gate.MAX_ERROR_AT_OTHER_RATES
    )


def _summarise(rows: np.ndarray) -> dict[str, object]:
    spread = {
        name: [round(float(value), 4) for value in (column.min(), np.median(column), column.max())]
        for name, column in zip(FIGURES, rows.T, strict=True)
    }
    return {**spread, "passes": f"{sum(map(_passes, rows))}/{len(rows)}"}


def main() -> None:
    with ProcessPoolExecutor(2) as pool:
        batches = list(pool.map(measure, range(SEEDS)))
    summary = {name: _summarise(np.array([found[name] for found in batches])) for name in MODELS}
    for name, line in summary.items():
        print(name, json.dumps(line))
    record = {
        "command": "python bench/gate_fairness.py",
        "seeds": SEEDS,
        "bounds": {
            "gap_left_at_most": gate.MAX_GAP_LEFT,
            "auc_gain_at_least": gate.MIN_AUC_GAIN,
            "calibration_error_at_most": gate.MAX_CALIBRATION_ERROR,
            "calibration_error_at_other_rates_at_most": gate.MAX_ERROR_AT_OTHER_RATES,
        },
        "models": summary,
        "python": platform.python_version(),
        "scikit-learn": version("scikit-learn"),
        "torch": version("torch"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
