"""What a live model has to beat: the same signals without a sense of time."""

from __future__ import annotations

import numpy as np


class CountBlend:
    """How often the household bought an item, plus a weight times its share of all purchases.

    Nothing fades. The cost of a call grows with what the household has bought, not with the number
    of items or households.

    Parameters
    ----------
    n_items : int
        Items are numbered from 0 to n_items - 1.
    weight : float
        What a share of all purchases counts, in purchases of the household.
    n_leaders : int
        The most popular items that are candidates for everybody; at least the length of the lists
        that are asked for.
    """

    def __init__(self, n_items: int, weight: float = 200.0, n_leaders: int = 20) -> None:
        self._weight, self._n_leaders = weight, n_leaders
        self._bought = np.zeros(n_items, np.int64)
        self._total = 0
        self._habits: dict[int, _Habits] = {}
        self._leaders = np.zeros(0, np.int64)

    def predict(self, household: int, k: int) -> np.ndarray:
        """(at most k,) int64: the items of highest score, best first."""
        habits = self._habits.get(household)
        own = habits.items if habits else np.zeros(0, np.int64)
        others = self._leaders if habits is None else habits.without(self._leaders)
        items = np.concatenate([own, others])
        scores = self._bought[items] * (self._weight / max(self._total, 1))
        if habits:
            scores[: len(own)] += habits.counts
        if len(items) > k:
            best = np.argpartition(scores, len(items) - k)[-k:]
            items, scores = items[best], scores[best]
        return items[np.argsort(-scores, kind="stable")]

    def learn(self, household: int, items: np.ndarray) -> None:
        """The household bought these distinct items."""
        self._habits.setdefault(household, _Habits()).add(items)
        self._bought[items] += 1
        self._total += len(items)
        # only what was bought can have risen among the leaders
        pool = np.union1d(self._leaders, items)
        if len(pool) > self._n_leaders:
            counts = self._bought[pool]
            pool = pool[np.argpartition(counts, len(pool) - self._n_leaders)[-self._n_leaders :]]
        self._leaders = pool


class _Habits:
    """What one household bought, and how often."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._table = np.zeros((2, 64), np.int64)

    @property
    def items(self) -> np.ndarray:
        return self._table[0, : len(self._places)]

    @property
    def counts(self) -> np.ndarray:
        return self._table[1, : len(self._places)]

    def add(self, items: np.ndarray) -> None:
        places = [self._places.setdefault(item, len(self._places)) for item in items.tolist()]
        while len(self._places) > self._table.shape[1]:
            self._table = np.concatenate([self._table, np.zeros_like(self._table)], axis=1)
        self._table[0, places] = items
        self._table[1, places] += 1

    def without(self, items: np.ndarray) -> np.ndarray:
        """Those of these items that it never bought."""
        return np.array([item for item in items.tolist() if item not in self._places], np.int64)
