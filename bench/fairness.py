"""An audit of a real attribute: does a model of next month's spending treat incomes alike?

    python bench/fairness.py            (seconds on one core)

Writes bench/results/fairness.json. The 801 households whose income is known, on ten monthly days;
the label is to be among the quarter of them that spends most in the month that follows. A logistic
regression is trained on the first six days and judged on the last four, where the quarter of the
rows with the largest probabilities is selected. Measured are differences, incomes of 75,000 dollars
or more less the others, with 95% intervals from households drawn again with replacement; beside
them stand the intervals from *rows* drawn again, which take four rows of one household for four
households.

The attribute was chosen after a look at nine attributes and three labels; the intervals do not know
of that. They know of this file's households only, not of another training set.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

from shelfspace.baselines import logistic_regression
from shelfspace.data import SpendingTable, income_table
from shelfspace.data.fairness import CUT_DAYS, TRAINING_CUTS

DRAWS = 4000
RESULTS = Path(__file__).parent / "results" / "fairness.json"
RATES = {  # of a group: the rows that count, and those in which it happens
    "selection": lambda y, chosen: (np.ones_like(chosen), chosen),
    "true positives": lambda y, chosen: (y, y & chosen),
    "false positives": lambda y, chosen: (~y, ~y & chosen),
    "accuracy": lambda y, chosen: (np.ones_like(chosen), chosen == y),
}


def audit(table: SpendingTable, with_income: bool, rng: np.random.Generator) -> dict[str, object]:
    """Differences of rates between high incomes and others, each with its intervals."""
    X = np.column_stack([table.X, table.high_income]) if with_income else table.X
    train = table.cut_day <= CUT_DAYS[TRAINING_CUTS - 1]
    model = logistic_regression().fit(X[train], table.y[train])
    test = ~train
    p = model.predict_proba(X[test])[:, 1]
    y, chosen = table.y[test] == 1, p > np.quantile(p, 0.75)
    high, household = table.high_income[test] == 1, table.household[test]
    rows = np.arange(len(y))
    found: dict[str, object] = {}
    for name, rate in RATES.items():
        among, happens = rate(y, chosen)
        counts = np.column_stack([among & high, happens & high, among & ~high, happens & ~high])
        found[name] = {
            "difference": round(float(_difference(counts.sum(0, keepdims=True))[0]), 3),
            "by household": _interval(counts, household, rng),
            "by row": _interval(counts, rows, rng),
        }
    return found


def _difference(counts: np.ndarray) -> np.ndarray:
    """Rate of the first group less that of the second, of (draws, 4) sums."""
    return counts[:, 1] / counts[:, 0] - counts[:, 3] / counts[:, 2]


def _interval(counts: np.ndarray, unit: np.ndarray, rng: np.random.Generator) -> list[float]:
    """The 95% percentile interval of the difference when whole units are drawn again."""
    units, number = np.unique(unit, return_inverse=True)
    sums = np.zeros((len(units), 4))
    np.add.at(sums, number, counts)
    times = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), size=DRAWS)
    low, high = np.quantile(_difference(times @ sums), [0.025, 0.975])
    return [round(float(low), 3), round(float(high), 3)]


def main() -> None:
    table = income_table()
    rng = np.random.default_rng(0)
    models = {
        "income a feature": audit(table, True, rng),
        "income left out": audit(table, False, rng),
    }
    for name, found in models.items():
        for rate, line in found.items():
            print(f"{name}, {rate}: {json.dumps(line)}")
    record = {
        "command": "python bench/fairness.py",
        "households": len(np.unique(table.household)),
        "high incomes": int((table.high_income[: len(np.unique(table.household))] == 1).sum()),
        "draws": DRAWS,
        "differences": models,
        "python": platform.python_version(),
        "scikit-learn": version("scikit-learn"),
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
