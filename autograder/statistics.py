"""Tests of random behaviour, so strict with themselves that a right answer fails none by bad luck.

Each false alarm has a chance of at most about one in ten million.
"""

from __future__ import annotations

import math

import numpy as np

FALSE_ALARM = 1e-7


def looks_uniform(counts: np.ndarray, expected: np.ndarray) -> bool:
    """Whether counts fit their expectations by Pearson's chi-square, from above and below.

    The thresholds are the tail bounds of Laurent & Massart (2000), lemma 1, for a chi-square
    variable, which the statistic resembles where expectations are at least 5. Counts that are too
    even to be drawn are seen with about 100 cells or more; with fewer the lower bound is negative.

    Parameters
    ----------
    counts, expected : (n,) arrays with equal sums
    """
    freedom = len(counts) - 1
    statistic = float(((counts - expected) ** 2 / expected).sum())
    x = -math.log(FALSE_ALARM / 2)
    spread = 2 * math.sqrt(freedom * x)
    return freedom - spread <= statistic <= freedom + spread + 2 * x


def looks_uniform_on_unit(values: np.ndarray) -> bool:
    """Whether values in [0, 1] fit the uniform distribution (Dvoretzky-Kiefer-Wolfowitz bound,
    with Massart's 1990 constant)."""
    ordered, n = np.sort(values), len(values)
    steps = np.arange(1, n + 1) / n
    distance = max(float((steps - ordered).max()), float((ordered - steps + 1 / n).max()))
    return distance <= math.sqrt(-math.log(FALSE_ALARM / 2) / (2 * n))


def looks_shuffled(values: np.ndarray) -> bool:
    """Whether values show no trend along their order: their correlation with it stays within six
    standard deviations of what independent values have."""
    correlation = float(np.corrcoef(values, np.arange(len(values)))[0, 1])
    return abs(correlation) <= 6 / math.sqrt(len(values))
