"""Functions that return functions: what the contracts call with is enough, no class anywhere."""

import zlib
from functools import reduce
from itertools import count
from math import exp, inf, log1p, log2, log, sqrt
from types import SimpleNamespace

import numpy as np


def prequential(events, model, score):
    predict, learn = model.predict, model.learn

    def one(state, event):
        (time, x, y), (scores, last) = event, state
        if not time >= last:
            raise ValueError("an event is earlier than the one before it")
        scores.append(score(predict(time, x), y))
        learn(time, x, y)
        return scores, time

    return reduce(one, events, ([], -inf))[0]


def DecayedCounter(half_life):
    logs = {}  # the logarithm of the count times 2 ** (time / half_life), to base 2
    newest = -inf

    def add(key, time, amount=1.0):
        nonlocal newest
        newest = max(newest, time)
        new = log2(amount) + time / half_life
        if key in logs:
            low, high = sorted((new, logs[key]))
            new = high + log1p(2.0 ** max(low - high, -1070)) / log(2)
        logs[key] = new

    def ask(time):
        if time < newest:
            raise ValueError("too late to ask about so early a time")
        return lambda key: 2.0 ** max(logs[key] - time / half_life, -1075)

    def value(key, time):
        at = ask(time)
        return at(key) if key in logs else 0.0

    def top(k, time):
        at = ask(time)
        return [(key, at(key)) for key in sorted(logs, key=logs.get, reverse=True)[:k]]

    return SimpleNamespace(add=add, value=value, top=top)


def FTRLProximal(alpha, beta, l1, l2):
    zs, ns = {}, {}

    def weight(index):
        z, n = zs.get(index, 0.0), ns.get(index, 0.0)
        sign = (z > 0) - (z < 0)
        return -(z - sign * l1) / ((beta + sqrt(n)) / alpha + l2) if abs(z) > l1 else 0.0

    def distinct(indices):
        return list(dict.fromkeys(int(i) for i in indices))

    def predict(indices):
        margin = sum(map(weight, distinct(indices)))
        return 1 / (1 + exp(-margin)) if margin >= 0 else exp(margin) / (1 + exp(margin))

    def learn(indices, y):
        present = distinct(indices)
        g = predict(present) - y
        steps = {i: (sqrt(ns.get(i, 0.0) + g * g) - sqrt(ns.get(i, 0.0))) / alpha for i in present}
        zs.update({i: zs.get(i, 0.0) + g - step * weight(i) for i, step in steps.items()})
        ns.update({i: ns.get(i, 0.0) + g * g for i in present})

    return SimpleNamespace(predict=predict, learn=learn, weight=weight)


def hash_features(fields, n_bits):
    def index(field):
        name, value = (str(part).encode() for part in field)
        return zlib.crc32(value, zlib.crc32(b"\0", zlib.crc32(name))) & ((1 << n_bits) - 1)

    return np.fromiter(map(index, fields.items()), dtype=np.int64, count=len(fields))


def EventLog(lateness):
    log, known, newest = [], {}, None

    def append(event_id, time, payload):
        nonlocal newest
        oldest = -inf if newest is None else newest - lateness
        if time < oldest or (event_id in known and known[event_id] >= oldest):
            return False
        if len(known) > 1000:
            for name in [name for name, then in known.items() if then < oldest]:
                del known[name]
        log.append((time, next(arrivals), event_id, payload))
        known[event_id] = time
        newest = time if newest is None else max(newest, time)
        return True

    def replay(from_time):
        # the number of arrival is unique: payloads are never compared
        ordered = sorted(log, key=lambda event: event[:2])
        return [(name, time, payload) for time, _, name, payload in ordered if time >= from_time]

    arrivals = count()
    return SimpleNamespace(append=append, replay=replay)


def PageHinkley(delta, threshold, min_instances=30):
    def watch():
        alarm = False
        while True:
            n, mean, m, low = 0, 0.0, 0.0, 0.0
            alarm, before = False, alarm
            while not alarm:
                x = yield before
                n += 1
                mean += (x - mean) / n
                m += x - mean - delta
                low = min(low, m)
                alarm = before = n >= min_instances and m - low > threshold

    detector = watch()
    next(detector)
    return SimpleNamespace(update=lambda x: detector.send(x))


def recommend_within(deadline, sources, k, clock):
    def ask(found, rest):
        if not rest or len(found) >= k:
            return found[:k]
        (cost, source), *others = rest
        if others and clock() + cost > deadline:
            return ask(found, others)
        try:
            items = list(source(k))
        except Exception:
            items = []
        return ask(list(dict.fromkeys(found + items)), others)

    return ask([], sources)


def live_model():
    """Counts that fade by a power of their age: 1 / (1 + age / 40 days), from the last 15 purchases."""
    bought, total, then, sold = {}, 0.0, 0.0, {}
    fashion, leaders = 6.0, set()

    def popular(item, time):
        amount, since = sold[item]
        return amount * 0.5 ** ((time - since) / fashion)

    def predict(time, household):
        share = 250 / max(total * 0.5 ** ((time - then) / fashion), 1e-300)
        scores = {item: share * popular(item, time) for item in leaders}
        for item, days in bought.get(household, {}).items():
            habit = sum(1 / (1 + (time - day) / 40) for day in days)
            scores[item] = habit + share * popular(item, time)
        best = sorted(scores.items(), key=lambda pair: pair[1], reverse=True)[:20]
        return [item for item, _ in best]

    def learn(time, household, items):
        nonlocal total, then, leaders
        total, then = total * 0.5 ** ((time - then) / fashion) + len(items), time
        home = bought.setdefault(household, {})
        for item in items:
            home[item] = (*home.get(item, ())[-14:], time)
            sold[item] = (popular(item, time) + 1 if item in sold else 1.0, time)
        leaders |= set(items)
        if len(leaders) > 200:
            leaders = set(sorted(leaders, key=lambda item: popular(item, time))[-60:])

    return SimpleNamespace(predict=predict, learn=learn)
