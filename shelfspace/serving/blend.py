"""A recommender that is always up to date: what the household buys, and what everybody buys now."""

from __future__ import annotations

import bisect
import math
from array import array
from collections.abc import Iterable

import numpy as np

DAY = 86_400.0

# Past this many half-lives the reference time moves. A double has room for a thousand.
_FAR = 64

# What has faded to this is as good as forgotten.
_NOTHING = 1e-200


class DecayedBlend:
    """Decayed counts of the household's own purchases, plus the items' decayed popularity.

    An item's score is its count in the household, in which a purchase fades by half in
    `household_half_life` days, plus `weight` times its share of all purchases, which fade by half
    in `popularity_half_life` days. Only differences of times matter, and the order in which
    purchases are learnt does not.

    Counts are kept by forward decay (Cormode et al. 2009): a purchase at time t weighs
    2^((t - L) / half-life) with a fixed reference time L, so that nothing has to be touched as time
    goes by; to ask at a time, divide by its own weight. L moves, before weights grow too large, by
    whole half-lives: that multiplies them by a power of two, which is exact.

    Parameters
    ----------
    household_half_life, popularity_half_life : float
        In days.
    weight : float
        What a share of 1 of all purchases counts as, in purchases by the household.
    k : int
        Length of a recommendation.
    """

    def __init__(
        self,
        household_half_life: float = 84.0,
        popularity_half_life: float = 7.0,
        weight: float = 200.0,
        k: int = 20,
    ) -> None:
        self.household_half_life = household_half_life * DAY
        self.weight = weight
        self.k = k
        self._popularity = _Popularity(popularity_half_life * DAY, k)
        self._households: dict[int, _Counts] = {}

    def learn(self, time: float, household: int, items: Iterable[int]) -> None:
        """Count a purchase of a household at a time in seconds, late or not."""
        counts = self._households.get(household)
        if counts is None:
            counts = self._households[household] = _Counts(self.household_half_life)
        popularity = self._popularity
        own, all_ = counts.weight_at(time), popularity.weight_at(time)
        for item in items:
            # an item has the same row everywhere, so that a household's rows index popularity
            row = popularity.add_item(item, all_)
            counts.add(row, own)

    def predict(self, time: float, household: int) -> list[int]:
        """The `k` items with the highest score at this time, best first; fewer if fewer are known.

        The time is no earlier than that of the newest purchase. Looks at the household's own items
        and at the `k` most popular ones: any other item has `k` more popular ones above it, so
        these are the best of all. Among equal scores the smaller id comes first; which of them the
        list ends with is left open.
        """
        popularity = self._popularity
        counts = self._households.get(household)
        fading = counts.fading(time) if counts is not None else 0.0
        if counts is None or fading < _NOTHING:
            return [item for _, item, _ in popularity.top]
        # Scores are negative, so that they sort together with ids, and in units of the household's
        # weights. Calls of NumPy are what takes the time here: there are as few as can be.
        per_weight = self.weight / (popularity.total * fading)
        rows = counts.keys[: counts.size]
        scores = popularity.weights.take(rows)
        scores *= -per_weight
        scores -= counts.weights[: counts.size]
        if counts.size > self.k:
            best = scores.argpartition(self.k)[: self.k]
            rows, scores = rows.take(best), scores.take(best)
        items = popularity.keys.take(rows).tolist()
        ranked = sorted(zip(scores.tolist(), items, strict=True))
        last = ranked[-1][0] if len(ranked) == self.k else 0.0
        for weight, item, row in popularity.top:
            if weight * per_weight > last:
                break
            if row not in counts.rows:
                ranked.append((weight * per_weight, item))
        ranked.sort()
        return [item for _, item in ranked[: self.k]]

    def counts(self, household: int, time: float) -> dict[int, float]:
        """A household's decayed purchases by item, at a time that is no earlier than the newest."""
        counts = self._households.get(household)
        if counts is None:
            return {}
        items = self._popularity.keys[counts.keys[: counts.size]]
        values = counts.weights[: counts.size] * counts.fading(time)
        return dict(zip(items.tolist(), values.tolist(), strict=True))

    def popularity(self, time: float) -> dict[int, float]:
        """All decayed purchases by item, at a time that is no earlier than the newest."""
        counts = self._popularity
        values = counts.weights[: counts.size] * counts.fading(time)
        return dict(zip(counts.keys[: counts.size].tolist(), values.tolist(), strict=True))


class _Counts:
    """Decayed counts of keys: `keys` and `weights`, of which the first `size` are in use.

    `rows` says where a key stands in them.
    """

    def __init__(self, half_life: float) -> None:
        self.half_life = half_life
        self.reference: float | None = None  # set by the first purchase
        self.keys = np.zeros(8, np.int64)
        self.cells = array("d", bytes(64))  # the weights, faster to get at one by one
        self.weights = np.frombuffer(self.cells)
        self.size = 0
        self.rows: dict[int, int] = {}

    def weight_at(self, time: float) -> float:
        """What a purchase at this time weighs, after the reference time was moved if need be."""
        if self.reference is None:
            self.reference = float(math.floor(time))  # whole seconds: sums of them are exact
        age = (time - self.reference) / self.half_life
        if age > _FAR:
            steps = math.floor(age)
            self.reference += steps * self.half_life
            self.scale(math.ldexp(1.0, -steps))
            age = (time - self.reference) / self.half_life
        return math.exp2(age)

    def fading(self, time: float) -> float:
        """What turns weights into counts at this time."""
        age = (time - self.reference) / self.half_life if self.reference is not None else 0.0
        return math.exp2(-age)

    def scale(self, factor: float) -> None:
        """Multiply all weights."""
        self.weights *= factor

    def add(self, key: int, amount: float) -> int:
        """Add to a key's count; its row."""
        row = self.rows.get(key)
        if row is None:
            row = self._new_row(key)
        self.cells[row] += amount
        return row

    def _new_row(self, key: int) -> int:
        row = self.rows[key] = self.size
        if row == len(self.keys):
            self.keys = np.concatenate([self.keys, np.zeros_like(self.keys)])
            self.cells = self.cells + array("d", bytes(8 * row))
            self.weights = np.frombuffer(self.cells)
        self.keys[row] = key
        self.size += 1
        return row


class _Popularity(_Counts):
    """Decayed counts of items that know their total and, at any time, the `k` highest.

    A count only grows, and fading changes no order: only the item that is bought can enter the top.
    """

    def __init__(self, half_life: float, k: int) -> None:
        super().__init__(half_life)
        self.total = 0.0
        self.top: list[tuple[float, int, int]] = []
        """(-weight, item, row) of the `k` highest, sorted: among equals the smaller id first."""
        self._k = k

    def scale(self, factor: float) -> None:
        super().scale(factor)
        self.total *= factor
        self.top = sorted((weight * factor, item, row) for weight, item, row in self.top)

    def add_item(self, item: int, amount: float) -> int:
        """Count a purchase; the item's row."""
        row = self.add(item, amount)
        self.total += amount
        after = self.cells[row]
        if len(self.top) < self._k or (-after, item, row) < self.top[-1]:
            self._rise(item, row, after)
        return row

    def _rise(self, item: int, row: int, weight: float) -> None:
        self.top = [one for one in self.top if one[2] != row]
        bisect.insort(self.top, (-weight, item, row))
        del self.top[self._k :]
