"""NumPy arrays wherever there is more than one number."""

import hashlib
import json
from itertools import islice

import numpy as np


def prequential(events, model, score):
    scores, last = [], -np.inf
    for time, x, y in events:
        if time < last:
            raise ValueError(f"the event at {time} comes after one at {last}")
        last = time
        prediction = model.predict(time, x)
        scores.append(score(prediction, y))
        model.learn(time, x, y)
    return scores


def _longer(array):
    return np.concatenate([array, np.zeros_like(array)])


class DecayedCounter:
    def __init__(self, half_life):
        self.half_life = half_life
        self.newest = -np.inf
        self.rows = {}
        self.amounts, self.times = np.zeros(16), np.zeros(16)

    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = len(self.rows)
            if row == len(self.times):
                self.amounts, self.times = _longer(self.amounts), _longer(self.times)
            self.times[row] = time
        gap = (time - self.times[row]) / self.half_life
        if gap > 0:
            self.amounts[row] = self.amounts[row] * np.exp2(-gap) + amount
            self.times[row] = time
        else:
            self.amounts[row] += amount * np.exp2(gap)

    def _check(self, time):
        if time < self.newest:
            raise ValueError(f"{time} is before the newest event, {self.newest}")

    def value(self, key, time):
        self._check(time)
        if key not in self.rows:
            return 0.0
        row = self.rows[key]
        return float(self.amounts[row] * np.exp2((self.times[row] - time) / self.half_life))

    def top(self, k, time):
        self._check(time)
        n = len(self.rows)
        values = self.amounts[:n] * np.exp2((self.times[:n] - time) / self.half_life)
        keys = list(self.rows)
        best = np.argsort(-values, kind="stable")[:k]
        return [(keys[i], float(values[i])) for i in best]


class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.rows = {}
        self.z, self.n = np.zeros(16), np.zeros(16)

    def _weights(self, rows):
        z, n = self.z[rows], self.n[rows]
        shrunk = np.sign(z) * np.maximum(np.abs(z) - self.l1, 0.0)
        return -shrunk / ((self.beta + np.sqrt(n)) / self.alpha + self.l2)

    def predict(self, indices):
        known = [self.rows[i] for i in set(map(int, indices)) if i in self.rows]
        margin = self._weights(np.array(known, dtype=np.int64)).sum()
        small = np.exp(-np.abs(margin))
        return float((1.0 if margin >= 0 else small) / (1.0 + small))

    def learn(self, indices, y):
        present = np.unique(np.asarray(indices, dtype=np.int64))
        rows = np.array([self.rows.setdefault(i, len(self.rows)) for i in present.tolist()], int)
        while len(self.rows) > len(self.z):
            self.z, self.n = _longer(self.z), _longer(self.n)
        w = self._weights(rows)
        gradient = self.predict(present) - y
        n = self.n[rows]
        sigma = (np.sqrt(n + gradient**2) - np.sqrt(n)) / self.alpha
        self.z[rows] += gradient - sigma * w
        self.n[rows] = n + gradient**2

    def weight(self, index):
        row = self.rows.get(int(index))
        return 0.0 if row is None else float(self._weights(np.array([row]))[0])


def hash_features(fields, n_bits):
    def digest(field):
        return hashlib.md5(json.dumps(field).encode()).digest()[:8]

    raw = b"".join(digest([name, value]) for name, value in fields.items())
    return (np.frombuffer(raw, dtype="<u8") % np.uint64(2**n_bits)).astype(np.int64)


class EventLog:
    def __init__(self, lateness):
        self.lateness = lateness
        self.newest = -np.inf
        self.known = {}
        self.events, self.times = [], []
        self.limit = 64

    def append(self, event_id, time, payload):
        watermark = self.newest - self.lateness
        is_known = event_id in self.known and self.known[event_id] >= watermark
        if is_known or time < watermark:
            return False
        self.events.append((event_id, time, payload))
        self.times.append(time)
        self.newest = max(self.newest, time)
        self.known[event_id] = time
        if len(self.known) > self.limit:
            watermark = self.newest - self.lateness
            self.known = {name: t for name, t in self.known.items() if t >= watermark}
            self.limit = max(64, 2 * len(self.known))
        return True

    def replay(self, from_time):
        times = np.array(self.times, dtype=float)
        order = np.argsort(times, kind="stable")
        return [self.events[i] for i in order[np.searchsorted(times[order], from_time) :]]


class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.values = []

    def update(self, x):
        # the whole formula again for every value: slow, and hard to get wrong
        self.values.append(float(x))
        values = np.array(self.values)
        mean = np.cumsum(values) / np.arange(1, len(values) + 1)
        m = np.cumsum(values - mean - self.delta)
        alarm = len(values) >= self.min_instances and m[-1] - m.min() > self.threshold
        if alarm:
            self.values = []
        return bool(alarm)


def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        if position < len(sources) - 1 and clock() + cost > deadline:
            continue
        try:
            items = source(k)
        except Exception:
            continue
        found.update(dict.fromkeys(items))
    return list(islice(found, k))


class _Table:
    """Decayed counts in rows of growing arrays."""

    def __init__(self, half_life):
        self.half_life = half_life
        self.value, self.then = np.zeros(64), np.zeros(64)

    def at(self, rows, time):
        return self.value[rows] * np.exp2((self.then[rows] - time) / self.half_life)

    def add(self, rows, time):
        while len(rows) and rows.max() >= len(self.value):
            self.value, self.then = _longer(self.value), _longer(self.then)
        self.value[rows] = self.at(rows, time) + 1
        self.then[rows] = time


class _Live:
    def __init__(self, habit=84.0, fashion=7.0, weight=200.0, pool=300):
        self.weight, self.pool, self.habit = weight, pool, habit
        self.codes, self.items = {}, []
        self.shop, self.total, self.then = _Table(fashion), 0.0, 0.0
        self.leaders = np.zeros(0, dtype=np.int64)
        self.homes = {}

    def predict(self, time, household):
        rows, table, own = self.homes.get(household, ({}, None, np.zeros(0, dtype=np.int64)))
        leaders = np.setdiff1d(self.leaders, own, assume_unique=True)
        candidates = np.concatenate([own, leaders])
        share = self.weight / max(self.total * 0.5 ** ((time - self.then) / self.shop.half_life), 1e-300)
        scores = share * self.shop.at(candidates, time)
        if table is not None:
            scores[: len(own)] += table.at(np.arange(len(own)), time)
        k = min(20, len(scores))
        best = np.argpartition(-scores, k - 1)[:k] if k else []
        return [self.items[c] for c in candidates[best].tolist()]

    def learn(self, time, household, items):
        for item in items:
            if item not in self.codes:
                self.codes[item] = len(self.items)
                self.items.append(item)
        codes = np.array([self.codes[item] for item in items], dtype=np.int64)
        self.shop.add(codes, time)
        self.total = self.total * 0.5 ** ((time - self.then) / self.shop.half_life) + len(items)
        self.then = time
        self.leaders = np.union1d(self.leaders, codes)
        if len(self.leaders) > 2 * self.pool:
            counts = self.shop.at(self.leaders, time)
            self.leaders = self.leaders[np.argpartition(-counts, self.pool)[: self.pool]]
        rows, table, own = self.homes.setdefault(household, ({}, _Table(self.habit), np.zeros(0, np.int64)))
        mine = np.array([rows.setdefault(c, len(rows)) for c in codes.tolist()], dtype=np.int64)
        table.add(mine, time)
        if len(rows) > len(own):
            self.homes[household] = rows, table, np.fromiter(rows, dtype=np.int64, count=len(rows))


def live_model():
    return _Live()
