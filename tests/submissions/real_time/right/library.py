"""Whatever the standard library, SciPy and scikit-learn have ready."""

from bisect import bisect_left, insort_right
from collections import Counter, defaultdict, deque
from contextlib import suppress
from heapq import nlargest
from math import frexp, inf, ldexp, sqrt
from operator import itemgetter

import numpy as np
from scipy.special import expit
from sklearn.utils import murmurhash3_32


def prequential(events, model, score):
    def scored():
        latest = -inf
        for time, x, y in events:
            if time < latest:
                raise ValueError(f"events must not go back in time: {time} < {latest}")
            yield score(model.predict(time, x), y)
            model.learn(time, x, y)
            latest = time

    return list(scored())


class DecayedCounter:
    """Forward decay (Cormode et al. 2009) with a landmark per key that moves along."""

    SPAN = 256  # half-lives between landmarks

    def __init__(self, half_life):
        self.half_life = half_life
        self.cells = {}
        self.newest = -inf

    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        weight, landmark = self.cells.get(key, (0.0, time))
        ahead = (time - landmark) / self.half_life
        if ahead > self.SPAN:
            weight, landmark, ahead = weight * 2.0**-ahead, time, 0.0
        self.cells[key] = weight + amount * 2.0**ahead, landmark

    def _at(self, cell, time):
        weight, landmark = cell
        mantissa, exponent = frexp(weight)
        ahead = (time - landmark) / self.half_life
        whole = int(ahead)
        return ldexp(mantissa * 2.0 ** (whole - ahead), max(exponent - whole, -5000))

    def value(self, key, time):
        if time < self.newest:
            raise ValueError("this counter cannot look back")
        return self._at(self.cells[key], time) if key in self.cells else 0.0

    def top(self, k, time):
        if time < self.newest:
            raise ValueError("this counter cannot look back")
        pairs = ((key, self._at(cell, time)) for key, cell in self.cells.items())
        return nlargest(k, pairs, key=itemgetter(1))


class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.z, self.squares = defaultdict(float), Counter()

    def weight(self, index):
        i = int(index)
        z = self.z.get(i, 0.0)
        rate = (self.beta + sqrt(self.squares[i])) / self.alpha + self.l2
        return float((np.clip(z, -self.l1, self.l1) - z) / rate)

    def predict(self, indices):
        return float(expit(sum(self.weight(i) for i in np.unique(indices))))

    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in frozenset(np.asarray(indices, dtype=int).tolist()):
            w, before = self.weight(i), self.squares[i]
            self.squares[i] = before + g**2
            self.z[i] += g - (sqrt(before + g**2) - sqrt(before)) / self.alpha * w


def hash_features(fields, n_bits):
    hashes = [murmurhash3_32(f"{n}\x1f{v}", seed=7, positive=True) for n, v in fields.items()]
    return np.asarray(hashes, dtype=np.int64) >> (32 - n_bits)


class EventLog:
    def __init__(self, lateness):
        self.lateness = lateness
        self.log, self.recent, self.ids = [], [], set()

    def append(self, event_id, time, payload):
        newest = self.log[-1][1] if self.log else time
        if event_id in self.ids or newest - self.lateness > time:
            return False
        insort_right(self.log, (event_id, time, payload), key=itemgetter(1))
        insort_right(self.recent, (time, event_id), key=itemgetter(0))
        self.ids.add(event_id)
        old = bisect_left(self.recent, max(time, newest) - self.lateness, key=itemgetter(0))
        self.ids.difference_update(name for _, name in self.recent[:old])
        del self.recent[:old]
        return True

    def replay(self, from_time):
        return self.log[bisect_left(self.log, from_time, key=itemgetter(1)) :]


class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.settings = delta, threshold, min_instances
        self.state = 0, 0.0, 0.0

    def update(self, x):
        delta, threshold, min_instances = self.settings
        n, mean, climb = self.state
        n += 1
        mean += (x - mean) / n
        climb = max(0.0, climb + x - mean - delta)  # the sum above its minimum, as in a CUSUM chart
        alarm = n >= min_instances and climb > threshold
        self.state = (0, 0.0, 0.0) if alarm else (n, mean, climb)
        return alarm


def recommend_within(deadline, sources, k, clock):
    *earlier, (_, fallback) = sources
    queue = deque([*earlier, (-inf, fallback)])
    found = Counter()
    while queue and len(found) < k:
        cost, source = queue.popleft()
        if clock() + cost <= deadline:
            with suppress(Exception):
                found.update(source(k))
    return list(found)[:k]


class _Weekly:
    """Decayed counts per household, and what the shop sold in the last eight days."""

    def __init__(self):
        self.habits = defaultdict(lambda: DecayedCounter(75.0))
        self.window, self.sold = deque(), Counter()
        self.shelf, self.stacked, self.late = [], -inf, Counter()

    def predict(self, time, household):
        if time > self.stacked + 1:
            self.shelf = [item for item, _ in self.sold.most_common(60)]
            self.late.clear()
            self.stacked = time
        habits, total = self.habits[household], max(len(self.window), 1)
        late = [item for item, _ in self.late.most_common(20)]
        scores = {item: 180 * self.sold[item] / total for item in [*self.shelf, *late]}
        habitual = habits.top(100, time) if habits.cells else []
        for item, count in habitual:
            scores[item] = count + 180 * self.sold[item] / total
        return nlargest(20, scores, key=scores.__getitem__)

    def learn(self, time, household, items):
        for item in items:
            self.habits[household].add(item, time)
            self.window.append((time, item))
        self.sold.update(items)
        self.late.update(items)
        while self.window[0][0] < time - 8 and len(self.sold) > 500:
            _, gone = self.window.popleft()
            self.sold[gone] -= 1
            if not self.sold[gone]:
                del self.sold[gone]


def live_model():
    return _Weekly()
