"""Plain Python: dicts, lists and loops, one thing at a time."""

import heapq
import math

import numpy as np


def prequential(events, model, score):
    result = []
    previous = None
    for event in events:
        time = event[0]
        x = event[1]
        y = event[2]
        if previous is not None and previous > time:
            raise ValueError("Time runs backwards at " + str(time))
        p = model.predict(time, x)
        s = score(p, y)
        model.learn(time, x, y)
        result.append(float(s))
        previous = time
    return result


class DecayedCounter:
    def __init__(self, half_life):
        self.half_life = half_life
        self.count = {}
        self.seen = {}
        self.latest = None

    def fade(self, span):
        return math.exp(-math.log(2) * span / self.half_life)

    def add(self, key, time, amount=1.0):
        if self.latest is None or time > self.latest:
            self.latest = time
        if key not in self.count:
            self.count[key] = amount
            self.seen[key] = time
        elif time >= self.seen[key]:
            self.count[key] = self.count[key] * self.fade(time - self.seen[key]) + amount
            self.seen[key] = time
        else:
            self.count[key] = self.count[key] + amount * self.fade(self.seen[key] - time)

    def value(self, key, time):
        if self.latest is not None and time < self.latest:
            raise ValueError("The counter has already seen a newer event.")
        if key not in self.count:
            return 0.0
        return self.count[key] * self.fade(time - self.seen[key])

    def top(self, k, time):
        if self.latest is not None and time < self.latest:
            raise ValueError("The counter has already seen a newer event.")
        pairs = []
        for key in self.count:
            pairs.append((key, self.count[key] * self.fade(time - self.seen[key])))
        pairs.sort(key=lambda pair: pair[1], reverse=True)
        return pairs[:k]


class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha = alpha
        self.beta = beta
        self.l1 = l1
        self.l2 = l2
        self.z = {}
        self.n = {}

    def weight(self, index):
        index = int(index)
        z = self.z.get(index, 0.0)
        n = self.n.get(index, 0.0)
        if abs(z) <= self.l1:
            return 0.0
        if z > 0:
            numerator = self.l1 - z
        else:
            numerator = -self.l1 - z
        return numerator / ((self.beta + math.sqrt(n)) / self.alpha + self.l2)

    def predict(self, indices):
        done = []
        total = 0.0
        for index in indices:
            if int(index) not in done:
                done.append(int(index))
                total += self.weight(index)
        if total > 700:
            return 1.0
        if total < -700:
            return 0.0
        return 1 / (1 + math.exp(-total))

    def learn(self, indices, y):
        g = self.predict(indices) - y
        done = []
        for index in indices:
            i = int(index)
            if i in done:
                continue
            done.append(i)
            n = self.n.get(i, 0.0)
            sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / self.alpha
            self.z[i] = self.z.get(i, 0.0) + g - sigma * self.weight(i)
            self.n[i] = n + g * g


def hash_features(fields, n_bits):
    result = []
    for name, value in fields.items():
        h = 0xCBF29CE484222325
        for byte in (str(len(name)) + ":" + name + str(value)).encode("utf-8"):
            h = ((h ^ byte) * 0x100000001B3) % 2**64
        h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCD % 2**64
        h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53 % 2**64
        h = h ^ (h >> 33)
        result.append(h % 2**n_bits)
    return np.array(result, dtype=np.int64)


class EventLog:
    def __init__(self, lateness):
        self.lateness = lateness
        self.log = []
        self.ids = {}
        self.ages = []
        self.newest = None

    def append(self, event_id, time, payload):
        if event_id in self.ids:
            return False
        if self.newest is not None and time < self.newest - self.lateness:
            return False
        self.log.append((event_id, time, payload))
        self.ids[event_id] = time
        heapq.heappush(self.ages, (time, event_id))
        if self.newest is None or time > self.newest:
            self.newest = time
        while self.ages[0][0] < self.newest - self.lateness:
            old_time, old_id = heapq.heappop(self.ages)
            del self.ids[old_id]
        return True

    def replay(self, from_time):
        chosen = []
        for event in self.log:
            if event[1] >= from_time:
                chosen.append(event)
        chosen.sort(key=lambda event: event[1])
        return chosen


class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta = delta
        self.threshold = threshold
        self.min_instances = min_instances
        self.reset()

    def reset(self):
        self.count = 0
        self.total = 0.0
        self.m = 0.0
        self.lowest = math.inf

    def update(self, x):
        self.count += 1
        self.total += x
        self.m += x - self.total / self.count - self.delta
        if self.m < self.lowest:
            self.lowest = self.m
        if self.count < self.min_instances:
            return False
        if self.m - self.lowest > self.threshold:
            self.reset()
            return True
        return False


def recommend_within(deadline, sources, k, clock):
    answer = []
    number = 0
    for expected_cost, source in sources:
        number += 1
        now = clock()
        if now + expected_cost > deadline and number != len(sources):
            continue
        if len(answer) == k:
            return answer
        try:
            items = source(k)
        except Exception:
            items = []
        for item in items:
            if item not in answer and len(answer) < k:
                answer.append(item)
    return answer


class TheModel:
    """Habits that fade within 100 days, the shop's counts within 10.

    A purchase at time t weighs 2 ** (t / half-life), and everything is divided when asked: a year of
    days is short enough for that.
    """

    def __init__(self):
        self.habits = {}
        self.sold = {}
        self.sales = 0.0
        self.pool = set()

    def predict(self, time, household):
        faded = 0.5 ** (time / 100)
        scores = {}
        for item in self.pool:
            scores[item] = 150 * self.sold[item] / self.sales
        for item, weight in self.habits.get(household, {}).items():
            scores[item] = weight * faded + 150 * self.sold[item] / self.sales
        return heapq.nlargest(20, scores, key=scores.get)

    def learn(self, time, household, items):
        mine = self.habits.setdefault(household, {})
        for item in items:
            mine[item] = mine.get(item, 0.0) + 2 ** (time / 100)
            self.sold[item] = self.sold.get(item, 0.0) + 2 ** (time / 10)
            self.sales += 2 ** (time / 10)
            self.pool.add(item)
        if len(self.pool) > 300:
            self.pool = set(heapq.nlargest(60, self.pool, key=self.sold.get))


def live_model():
    return TheModel()
