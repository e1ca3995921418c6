"""Tests of random behaviour whose false alarms are at most one in ten million, by a proved bound.

A check of a random contract must never reject a right answer by bad luck; these bounds hold for
every sample size, not only in the limit.
"""

from __future__ import annotations

import math

import numpy as np

FALSE_ALARM = 1e-7


def looks_uniform(counts: np.ndarray, expected: np.ndarray) -> bool:
    """Whether counts fit their expectations by Pearson's chi-square, from above and below.

    The thresholds are the tail bounds of Laurent & Massart (2000), lemma 1, for a chi-square
    variable; expectations should be at least 5, so that the statistic is close to one.

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
