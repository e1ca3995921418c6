"""Small classes with one duty each, put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np


@dataclass
class Clockwork:
    """Remembers the newest time that it was shown."""

    newest: float = -math.inf

    def move_to(self, time: float) -> None:
        if time < self.newest:
            raise ValueError(f"time runs backwards, from {self.newest} to {time}")
        self.newest = time

    def see(self, time: float) -> None:
        self.newest = max(self.newest, time)


def prequential(events: Iterable[tuple], model: Any, score: Callable) -> list[float]:
    scores: list[float] = []
    clockwork = Clockwork()
    for time, x, y in events:
        clockwork.move_to(time)
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return scores


@dataclass
class Fading:
    """One count that fades; it holds as of `then`."""

    half_life: float
    then: float
    count: float = 0.0

    def add(self, time: float, amount: float) -> None:
        if time > self.then:
            self.count, self.then = self.at(time), time
            self.count += amount
        else:
            self.count += amount * 2.0 ** ((time - self.then) / self.half_life)

    def at(self, time: float) -> float:
        return self.count * 2.0 ** ((self.then - time) / self.half_life)


class DecayedCounter:
    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._cells: dict[Hashable, Fading] = {}
        self._clockwork = Clockwork()

    def add(self, key: Hashable, time: float, amount: float = 1.0) -> None:
        self._clockwork.see(time)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Fading(self._half_life, time)
        cell.add(time, amount)

    def value(self, key: Hashable, time: float) -> float:
        if time < self._clockwork.newest:
            raise ValueError("asked about a time before the newest event")
        cell = self._cells.get(key)
        return cell.at(time) if cell else 0.0

    def top(self, k: int, time: float) -> list[tuple[Hashable, float]]:
        values = {key: self.value(key, time) for key in self._cells}
        if not values and time < self._clockwork.newest:
            raise ValueError("asked about a time before the newest event")
        best = sorted(values, key=lambda key: -values[key])[:k]
        return [(key, values[key]) for key in best]


@dataclass
class Coordinate:
    z: float = 0.0
    n: float = 0.0
    w: float = 0.0


@dataclass
class FTRLProximal:
    alpha: float
    beta: float
    l1: float
    l2: float
    table: dict[int, Coordinate] = field(default_factory=dict, repr=False)

    def predict(self, indices: Iterable[int]) -> float:
        known = (self.table.get(int(i)) for i in set(np.asarray(indices, dtype=np.int64).tolist()))
        margin = math.fsum(c.w for c in known if c is not None)
        return 0.5 * (1.0 + math.tanh(0.5 * margin))

    def learn(self, indices: Iterable[int], y: int) -> None:
        g = self.predict(indices) - y
        for i in {int(i) for i in indices}:
            self._step(self.table.setdefault(i, Coordinate()), g)

    def _step(self, c: Coordinate, g: float) -> None:
        old, c.n = c.n, c.n + g * g
        c.z += g - (math.sqrt(c.n) - math.sqrt(old)) / self.alpha * c.w
        rate = (self.beta + math.sqrt(c.n)) / self.alpha + self.l2
        c.w = 0.0 if abs(c.z) <= self.l1 else (math.copysign(self.l1, c.z) - c.z) / rate

    def weight(self, index: int) -> float:
        return self.table.get(int(index), Coordinate()).w


class Hasher:
    def __init__(self, n_bits: int) -> None:
        self.mask = (1 << n_bits) - 1

    def __call__(self, name: str, value: object) -> int:
        digest = sha256(repr((name, value)).encode("utf-8", "surrogatepass")).hexdigest()
        return int(digest, 16) & self.mask


def hash_features(fields: dict, n_bits: int) -> np.ndarray:
    hasher = Hasher(n_bits)
    indices = np.empty(len(fields), dtype=np.int64)
    for position, item in enumerate(fields.items()):
        indices[position] = hasher(*item)
    return indices


@dataclass(frozen=True)
class Entry:
    event_id: str
    time: float
    payload: Any
    arrival: int

    def public(self) -> tuple[str, float, Any]:
        return self.event_id, self.time, self.payload


class Watermark:
    def __init__(self, lateness: float) -> None:
        self.lateness, self.newest = lateness, None

    def has_passed(self, time: float) -> bool:
        return self.newest is not None and time < self.newest - self.lateness

    def see(self, time: float) -> bool:
        moved = self.newest is None or time > self.newest
        if moved:
            self.newest = time
        return moved


class EventLog:
    def __init__(self, lateness: float) -> None:
        self._watermark = Watermark(lateness)
        self._entries: list[Entry] = []
        self._open: dict[str, float] = {}

    def append(self, event_id: str, time: float, payload: Any) -> bool:
        if event_id in self._open and not self._watermark.has_passed(self._open[event_id]):
            return False
        if self._watermark.has_passed(time):
            return False
        self._entries.append(Entry(event_id, time, payload, len(self._entries)))
        self._open[event_id] = time
        if self._watermark.see(time) and len(self._entries) % 100 == 0:
            self._forget()
        return True

    def _forget(self) -> None:
        for event_id, time in list(self._open.items()):
            if self._watermark.has_passed(time):
                del self._open[event_id]

    def replay(self, from_time: float) -> list[tuple[str, float, Any]]:
        entries = [entry for entry in self._entries if not entry.time < from_time]
        entries.sort(key=lambda entry: (entry.time, entry.arrival))
        return [entry.public() for entry in entries]


@dataclass
class RunningMean:
    count: int = 0
    total: float = 0.0

    def update(self, x: float) -> float:
        self.count += 1
        self.total += x
        return self.total / self.count


class PageHinkley:
    def __init__(self, delta: float, threshold: float, min_instances: int = 30) -> None:
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self._start()

    def _start(self) -> None:
        self.mean, self.sum, self.minimum = RunningMean(), 0.0, 0.0

    def update(self, x: float) -> bool:
        self.sum += x - self.mean.update(x) - self.delta
        self.minimum = min(self.minimum, self.sum)
        high = self.sum - self.minimum > self.threshold
        if high and self.mean.count >= self.min_instances:
            self._start()
            return True
        return False


class Shelf:
    """Distinct items in the order in which they were found, up to a size."""

    def __init__(self, size: int) -> None:
        self.size, self.items, self._set = size, [], set()

    @property
    def is_full(self) -> bool:
        return len(self.items) >= self.size

    def fill(self, items: Iterable) -> None:
        for item in items:
            if self.is_full:
                return
            if item not in self._set:
                self._set.add(item)
                self.items.append(item)


def recommend_within(deadline: float, sources: list, k: int, clock: Callable[[], float]) -> list:
    shelf = Shelf(k)
    remaining = len(sources)
    for cost, source in sources:
        remaining -= 1
        if shelf.is_full:
            break
        fits = not remaining or clock() + cost <= deadline
        if fits:
            try:
                answer = source(k)
            except Exception:
                continue
            shelf.fill(answer)
    return shelf.items


class Leaders:
    """The items of a decayed counter that may be among its largest."""

    def __init__(self, half_life: float, size: int) -> None:
        self.counter, self.size = DecayedCounter(half_life), size
        self.total = DecayedCounter(half_life)
        self.items: set[int] = set()

    def add(self, items: list[int], time: float) -> None:
        for item in items:
            self.counter.add(item, time)
        self.total.add("all", time, float(len(items)) or 1e-9)
        self.items.update(items)
        if len(self.items) > 3 * self.size:
            by_count = sorted(self.items, key=lambda item: self.counter.value(item, time))
            self.items = set(by_count[-self.size :])

    def share(self, item: int, time: float) -> float:
        return self.counter.value(item, time) / (self.total.value("all", time) or 1.0)


class TwoSpeeds:
    """Habits that fade slowly plus habits that fade fast, plus popularity."""

    def __init__(self) -> None:
        self.slow: dict[int, DecayedCounter] = {}
        self.fast: dict[int, DecayedCounter] = {}
        self.own: dict[int, dict[int, float]] = {}  # the items bought last, in that order
        self.leaders = Leaders(7.0, 50)

    def score(self, item: int, time: float, household: int) -> float:
        score = 200 * self.leaders.share(item, time)
        if item in self.own.get(household, ()):
            score += self.slow[household].value(item, time)
            score += 0.5 * self.fast[household].value(item, time)
        return score

    def predict(self, time: float, household: int) -> np.ndarray:
        candidates = np.array(sorted(self.leaders.items.union(self.own.get(household, ()))), dtype=np.int64)
        scores = np.array([self.score(item, time, household) for item in candidates.tolist()])
        return candidates[np.argsort(-scores)[:20]]

    def learn(self, time: float, household: int, items: list[int]) -> None:
        slow = self.slow.setdefault(household, DecayedCounter(120.0))
        fast = self.fast.setdefault(household, DecayedCounter(28.0))
        for item in items:
            slow.add(item, time)
            fast.add(item, time)
        own = self.own.setdefault(household, {})
        for item in items:
            own.pop(item, None)
            own[item] = time
        while len(own) > 400:
            del own[next(iter(own))]
        self.leaders.add(items, time)


def live_model() -> TwoSpeeds:
    return TwoSpeeds()
