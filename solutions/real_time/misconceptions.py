"""Known wrong answers of `real_time`: what people write, and the sentence that helps them.

Each entry's code, after PRELUDE, is a submission of that one contract.
"""

from autograder.misconceptions import Misconception

PRELUDE = '''
import hashlib
import heapq
import math

import numpy as np


class _Counter:
    """A counter that is right, in parts that can be got wrong one by one."""

    def __init__(self, half_life):
        self.half_life, self.cells, self.newest = half_life, {}, -math.inf

    def fade(self, span):
        return 0.5 ** (span / self.half_life)

    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        value, then = self.cells.get(key, (0.0, time))
        if time >= then:
            self.cells[key] = value * self.fade(time - then) + amount, time
        else:
            self.cells[key] = value + amount * self.fade(then - time), then

    def check_time(self, time):
        if time < self.newest:
            raise ValueError("the past is not known")

    def value(self, key, time):
        self.check_time(time)
        value, then = self.cells.get(key, (0.0, time))
        return value * self.fade(time - then)

    def top(self, k, time):
        self.check_time(time)
        values = [(key, self.value(key, time)) for key in self.cells]
        return sorted(values, key=lambda pair: -pair[1])[:k]


class _FTRL:
    """FTRL-Proximal, in parts that can be got wrong one by one."""

    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2, self.z, self.n = alpha, beta, l1, l2, {}, {}

    def present(self, indices):
        return list(dict.fromkeys(np.asarray(indices, np.int64).tolist()))

    def rate(self, n):
        return (self.beta + math.sqrt(n)) / self.alpha + self.l2

    def weight(self, index):
        z = self.z.get(index, 0.0)
        if abs(z) <= self.l1:
            return 0.0
        return -(z - math.copysign(self.l1, z)) / self.rate(self.n.get(index, 0.0))

    def predict(self, indices):
        s = sum(self.weight(index) for index in self.present(indices))
        return 1 / (1 + math.exp(-s)) if s >= 0 else math.exp(s) / (1 + math.exp(s))

    def step(self, index, g):
        w, n = self.weight(index), self.n.get(index, 0.0)
        sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / self.alpha
        self.z[index] = self.z.get(index, 0.0) + g - sigma * w
        self.n[index] = n + g * g

    def learn(self, indices, y):
        g = self.predict(indices) - y
        for index in self.present(indices):
            self.step(index, g)


class _Log:
    """An event log, in parts that can be got wrong one by one."""

    def __init__(self, lateness):
        self.lateness, self.events, self.known, self.newest = lateness, [], {}, -math.inf

    def is_late(self, time):
        return time < self.newest - self.lateness

    def forget(self):
        self.known = {i: t for i, t in self.known.items() if t >= self.newest - self.lateness}

    def append(self, event_id, time, payload):
        if event_id in self.known or self.is_late(time):
            return False
        self.take(event_id, time, payload)
        return True

    def take(self, event_id, time, payload):
        self.events.append((event_id, time, payload))
        self.known[event_id] = time
        self.newest = max(self.newest, time)
        self.forget()

    def replay(self, from_time):
        return sorted((e for e in self.events if e[1] >= from_time), key=lambda e: e[1])


class _Detector:
    """The Page-Hinkley test, in parts that can be got wrong one by one."""

    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.start()

    def start(self):
        self.count, self.mean, self.total, self.lowest = 0, 0.0, 0.0, 0.0

    def move_mean(self, x):
        self.count += 1
        self.mean += (x - self.mean) / self.count

    def climbed(self):
        return self.total - self.lowest > self.threshold

    def update(self, x):
        self.move_mean(x)
        self.total += x - self.mean - self.delta
        self.lowest = min(self.lowest, self.total)
        alarm = self.count >= self.min_instances and self.climbed()
        if alarm:
            self.start()
        return alarm


class _Live:
    """A blend of fading habits and fading popularity."""

    habit, latest, weight = 84.0, 7.0, 200.0

    def __init__(self):
        self.habits, self.shop, self.total, self.pool = {}, {}, 0.0, set()

    def predict(self, time, household):
        fade, share = 0.5 ** (time / self.habit), self.weight / max(self.total, 1.0)
        scores = {item: share * self.shop[item] for item in self.leaders()}
        for item, count in self.habits.get(household, {}).items():
            scores[item] = fade * count + share * self.shop[item]
        return heapq.nlargest(20, scores, key=scores.__getitem__)

    def leaders(self):
        return self.pool

    def learn(self, time, household, items):
        up, latest = 2 ** (time / self.habit), 2 ** (time / self.latest)
        own = self.habits.setdefault(household, {})
        for item in items:
            own[item] = own.get(item, 0.0) + up
            self.shop[item] = self.shop.get(item, 0.0) + latest
        self.total += latest * len(items)
        self.pool.update(items)
        if len(self.pool) > 200:
            self.pool = set(heapq.nlargest(100, self.pool, key=self.shop.__getitem__))
'''

_SHARED = (
    "Two objects of your class share state: what one learns, the other knows. A list or dict in "
    "the class body, or as a default argument, exists once for all objects; make it in `__init__`."
)

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ prequential
    Misconception(
        "prequential",
        "learns_before_predicting",
        "The model learns each event before it predicts it: it has seen the answer. On the real "
        "stream this turns a recall of .283 into .497. Predict first, then learn.",
        """
def prequential(events, model, score):
    scores, last = [], -math.inf
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        model.learn(time, x, y)
        scores.append(float(score(model.predict(time, x), y)))
    return scores
""",
    ),
    Misconception(
        "prequential",
        "y_to_predict",
        "You handed y to model.predict. It is what the model has to foretell: hand over the time "
        "and x only.",
        """
def prequential(events, model, score):
    scores, last = [], -math.inf
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(float(score(model.predict(time, x, y), y)))
        model.learn(time, x, y)
    return scores
""",
    ),
    Misconception(
        "prequential",
        "learns_at_the_end",
        "You predict all events first and let the model learn afterwards: it is never better than "
        "on the first day. Let it learn each event before the next one is predicted.",
        """
def prequential(events, model, score):
    events = list(events)
    if any(b[0] < a[0] for a, b in zip(events, events[1:])):
        raise ValueError("time runs backwards")
    scores = [float(score(model.predict(time, x), y)) for time, x, y in events]
    for time, x, y in events:
        model.learn(time, x, y)
    return scores
""",
    ),
    Misconception(
        "prequential",
        "never_learns",
        "The model never learns anything. Call model.learn(time, x, y) once each event is scored.",
        """
def prequential(events, model, score):
    scores, last = [], -math.inf
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(float(score(model.predict(time, x), y)))
    return scores
""",
    ),
    Misconception(
        "prequential",
        "order_lost",
        "The events are handled in another order than they came in, for instance household by "
        "household, so that the model meets the future before the past. Keep the order of events.",
        """
def prequential(events, model, score):
    events = list(events)
    if any(b[0] < a[0] for a, b in zip(events, events[1:])):
        raise ValueError("time runs backwards")
    scores = {}
    for at, (time, x, y) in sorted(enumerate(events), key=lambda pair: pair[1][1]):
        scores[at] = float(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return [scores[at] for at in range(len(events))]
""",
    ),
    Misconception(
        "prequential",
        "reads_ahead",
        "You took all events from the generator before the model was asked about the first. A live "
        "stream has no end to wait for: handle each event when it comes.",
        """
def prequential(events, model, score):
    scores, last = [], -math.inf
    for time, x, y in list(events):
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(float(score(model.predict(time, x), y)))
        model.learn(time, x, y)
    return scores
""",
    ),
    Misconception(
        "prequential",
        "scores_after_learning",
        "You score a prediction after the model has learned the event. If the prediction is a list "
        "of the model's own, it may have changed by then. Score before you let it learn.",
        """
def prequential(events, model, score):
    scores, last = [], -math.inf
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        prediction = model.predict(time, x)
        model.learn(time, x, y)
        scores.append(float(score(prediction, y)))
    return scores
""",
    ),
    # ------------------------------------------------------------------ DecayedCounter
    Misconception(
        "DecayedCounter",
        "no_decay",
        "Your counts never fade. After one half-life an amount must count half.",
        """
class DecayedCounter(_Counter):
    def fade(self, span):
        return 1.0
""",
    ),
    Misconception(
        "DecayedCounter",
        "half_life_as_time_constant",
        "You fade by exp(-span / half_life): after one half-life 37% are left, not half. Use "
        "0.5 ** (span / half_life).",
        """
class DecayedCounter(_Counter):
    def fade(self, span):
        return math.exp(-span / self.half_life)
""",
    ),
    Misconception(
        "DecayedCounter",
        "late_at_full_weight",
        "A late event counts in full, as if it had happened at the time of the newest one. It must "
        "fade from its own time on.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        value, then = self.cells.get(key, (0.0, time))
        self.cells[key] = value * self.fade(max(time - then, 0)) + amount, max(time, then)
""",
    ),
    Misconception(
        "DecayedCounter",
        "late_at_processing_time",
        "Late events are counted at the time at which they are processed. What counts is when they "
        "happened: fade them from their own time on.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        _Counter.add(self, key, max(time, self.newest), amount)
""",
    ),
    Misconception(
        "DecayedCounter",
        "late_dropped",
        "Late events are dropped. They count, with what is left of them.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        if time >= self.cells.get(key, (0.0, time))[1]:
            _Counter.add(self, key, time, amount)
""",
    ),
    Misconception(
        "DecayedCounter",
        "not_faded_when_asked",
        "A value is returned as it was at its key's last event. Until the time that is asked about, "
        "it goes on fading.",
        """
class DecayedCounter(_Counter):
    def value(self, key, time):
        self.check_time(time)
        return self.cells.get(key, (0.0, time))[0]
""",
    ),
    Misconception(
        "DecayedCounter",
        "amount_ignored",
        "Every event counts 1, whatever its amount.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        _Counter.add(self, key, time)
""",
    ),
    Misconception(
        "DecayedCounter",
        "last_event_only",
        "A new event replaces what its key counted before. It must be added to what is left of that.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        if time >= self.cells.get(key, (0.0, time))[1]:
            self.cells[key] = amount, time
""",
    ),
    Misconception(
        "DecayedCounter",
        "fades_every_key",
        "Every `add` makes all keys fade, so that its cost grows with their number: with 68,509 "
        "products that is 68,509 multiplications per receipt line. Touch only the key that is added.",
        """
class DecayedCounter(_Counter):
    def add(self, key, time, amount=1.0):
        if time < self.newest:
            left = 0.5 ** ((self.newest - time) / self.half_life)
            value = self.cells.get(key, (0.0, 0))[0]
            self.cells[key] = value + amount * left, self.newest
            return
        fade = 1.0 if self.newest == -math.inf else self.fade(time - self.newest)
        self.newest = time
        self.cells = {one: (value * fade, time) for one, (value, _) in self.cells.items()}
        self.cells[key] = self.cells.get(key, (0.0, time))[0] + amount, time
""",
    ),
    Misconception(
        "DecayedCounter",
        "top_as_stored",
        "`top` sorts the values as they are stored. Each holds as of its own key's last event: "
        "bring all of them to the same time first.",
        """
class DecayedCounter(_Counter):
    def top(self, k, time):
        self.check_time(time)
        keys = sorted(self.cells, key=lambda key: -self.cells[key][0])[:k]
        return [(key, self.value(key, time)) for key in keys]
""",
    ),
    Misconception(
        "DecayedCounter",
        "past_answered",
        "You answer questions about the past with what came later mixed in. Raise ValueError for a "
        "time before the newest event of any key.",
        """
class DecayedCounter(_Counter):
    def check_time(self, time):
        pass
""",
    ),
    Misconception(
        "DecayedCounter",
        "past_of_the_key_only",
        "You refuse a time before the asked key's own last event only. As long as one answer holds "
        "for all keys, the newest event of any of them decides.",
        """
class DecayedCounter(_Counter):
    def value(self, key, time):
        value, then = self.cells.get(key, (0.0, time))
        if time < then:
            raise ValueError("the past is not known")
        return value * self.fade(time - then)
""",
    ),
    Misconception(
        "DecayedCounter",
        "shared_state",
        _SHARED,
        """
class DecayedCounter(_Counter):
    cells, times = {}, [-math.inf]

    def __init__(self, half_life):
        self.half_life = half_life

    @property
    def newest(self):
        return self.times[0]

    @newest.setter
    def newest(self, time):
        self.times[0] = time
""",
    ),
    # ------------------------------------------------------------------ FTRLProximal
    Misconception(
        "FTRLProximal",
        "n_before_sigma",
        "You added g**2 to n before you computed sigma. Sigma is the difference of the square roots "
        "of n after and before this example; n is updated last.",
        """
class FTRLProximal(_FTRL):
    def step(self, index, g):
        w, n = self.weight(index), self.n.get(index, 0.0) + g * g
        sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / self.alpha
        self.z[index] = self.z.get(index, 0.0) + g - sigma * w
        self.n[index] = n
""",
    ),
    Misconception(
        "FTRLProximal",
        "without_sigma_w",
        "You add the gradient to z, but leave sigma * w out. That term keeps the weight where it "
        "was before the learning rate changed.",
        """
class FTRLProximal(_FTRL):
    def step(self, index, g):
        self.z[index] = self.z.get(index, 0.0) + g
        self.n[index] = self.n.get(index, 0.0) + g * g
""",
    ),
    Misconception(
        "FTRLProximal",
        "updates_absent_features",
        "Features that are not present in an example are updated, too. Their gradient is 0: only "
        "the indices that are handed over change.",
        """
class FTRLProximal(_FTRL):
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for index in dict.fromkeys([*self.z, *self.present(indices)]):
            self.step(index, g)
""",
    ),
    Misconception(
        "FTRLProximal",
        "without_l2",
        "L2 is missing: it is added to the learning rate's part in the denominator of the weight.",
        """
class FTRLProximal(_FTRL):
    def rate(self, n):
        return (self.beta + math.sqrt(n)) / self.alpha
""",
    ),
    Misconception(
        "FTRLProximal",
        "without_zeroing",
        "Weights are not set to 0 where abs(z) <= l1: there, your formula gives a weight of the "
        "other sign. This is what makes the model sparse.",
        """
class FTRLProximal(_FTRL):
    def weight(self, index):
        z = self.z.get(index, 0.0)
        if z == 0:
            return 0.0
        return -(z - math.copysign(self.l1, z)) / self.rate(self.n.get(index, 0.0))
""",
    ),
    Misconception(
        "FTRLProximal",
        "without_l1",
        "L1 is missing: weights are 0 where abs(z) <= l1, and elsewhere z moves l1 towards 0.",
        """
class FTRLProximal(_FTRL):
    def weight(self, index):
        return -self.z.get(index, 0.0) / self.rate(self.n.get(index, 0.0))
""",
    ),
    Misconception(
        "FTRLProximal",
        "threshold_without_shrinking",
        "Where abs(z) exceeds l1, you use z itself. L1 also shrinks: z - sign(z) * l1.",
        """
class FTRLProximal(_FTRL):
    def weight(self, index):
        z = self.z.get(index, 0.0)
        return 0.0 if abs(z) <= self.l1 else -z / self.rate(self.n.get(index, 0.0))
""",
    ),
    Misconception(
        "FTRLProximal",
        "n_adds_absolute_gradient",
        "You add abs(g) to n. It sums *squared* gradients.",
        """
class FTRLProximal(_FTRL):
    def step(self, index, g):
        w, n = self.weight(index), self.n.get(index, 0.0)
        sigma = (math.sqrt(n + abs(g)) - math.sqrt(n)) / self.alpha
        self.z[index] = self.z.get(index, 0.0) + g - sigma * w
        self.n[index] = n + abs(g)
""",
    ),
    Misconception(
        "FTRLProximal",
        "weights_one_visit_old",
        "The gradient is taken with weights that are one visit old, as in a well-known library. "
        "Compute them from z and n whenever they are needed.",
        """
class FTRLProximal(_FTRL):
    def weight(self, index):
        return self.w.get(index, 0.0)

    def __init__(self, *settings):
        _FTRL.__init__(self, *settings)
        self.w = {}

    def learn(self, indices, y):
        g = self.predict(indices) - y
        for index in self.present(indices):
            z, n = self.z.get(index, 0.0), self.n.get(index, 0.0)
            if abs(z) > self.l1:
                self.w[index] = -(z - math.copysign(self.l1, z)) / self.rate(n)
            self.step(index, g)
""",
    ),
    Misconception(
        "FTRLProximal",
        "repeated_counts_twice",
        "An index that stands there twice counts twice. A feature is present or it is not: go over "
        "the distinct indices.",
        """
class FTRLProximal(_FTRL):
    def present(self, indices):
        return np.asarray(indices, np.int64).tolist()
""",
    ),
    Misconception(
        "FTRLProximal",
        "shared_state",
        _SHARED,
        """
class FTRLProximal(_FTRL):
    def __init__(self, alpha, beta, l1, l2, z={}, n={}):
        self.alpha, self.beta, self.l1, self.l2, self.z, self.n = alpha, beta, l1, l2, z, n
""",
    ),
    # ------------------------------------------------------------------ hash_features
    Misconception(
        "hash_features",
        "without_the_name",
        "Only the value is hashed: the same value in two fields gets one index, and the model cannot "
        "tell an aisle from a number of children. Hash the name with it.",
        """
def hash_features(fields, n_bits):
    digests = [hashlib.md5(str(value).encode()).digest() for value in fields.values()]
    return np.array([int.from_bytes(d[:8], "little") % 2**n_bits for d in digests], np.int64)
""",
    ),
    Misconception(
        "hash_features",
        "joined_without_a_sign",
        'Name and value are joined without a sign between them, so that ("ab", "c") and ("a", "bc") '
        "are one feature. Put a sign between them.",
        """
def hash_features(fields, n_bits):
    digests = [hashlib.md5(f"{n}{v}".encode()).digest() for n, v in fields.items()]
    return np.array([int.from_bytes(d[:8], "little") % 2**n_bits for d in digests], np.int64)
""",
    ),
    Misconception(
        "hash_features",
        "salted_hash",
        "You use Python's `hash` of a text, which is salted anew in every process: a model that was "
        "trained in one process is noise in the next. Use zlib.crc32 or hashlib.",
        """
def hash_features(fields, n_bits):
    return np.array([hash((n, v)) % 2**n_bits for n, v in fields.items()], np.int64)
""",
    ),
    # ------------------------------------------------------------------ EventLog
    Misconception(
        "EventLog",
        "duplicates_counted",
        "An event that is sent twice is taken twice. Remember the ids, and return False for a known "
        "one.",
        """
class EventLog(_Log):
    def append(self, event_id, time, payload):
        if self.is_late(time):
            return False
        self.take(event_id, time, payload)
        return True
""",
    ),
    Misconception(
        "EventLog",
        "duplicate_by_time_too",
        "You take an event for known only if its time is the same, too. The id alone decides: a "
        "sender may well repeat an event with another clock.",
        """
class EventLog(_Log):
    def append(self, event_id, time, payload):
        if self.known.get(event_id) == time or self.is_late(time):
            return False
        self.take(event_id, time, payload)
        return True
""",
    ),
    Misconception(
        "EventLog",
        "replays_as_arrived",
        "Events are replayed in the order in which they arrived. Late ones belong where they "
        "happened: sort by event time.",
        """
class EventLog(_Log):
    def replay(self, from_time):
        return [event for event in self.events if event[1] >= from_time]
""",
    ),
    Misconception(
        "EventLog",
        "ties_by_id",
        "Events of equal time are replayed in the order of their ids. Keep the order in which they "
        "were taken: sort by time alone, with a stable sort.",
        """
class EventLog(_Log):
    def replay(self, from_time):
        chosen = [event for event in self.events if event[1] >= from_time]
        return sorted(chosen, key=lambda event: (event[1], event[0]))
""",
    ),
    Misconception(
        "EventLog",
        "replay_leaves_out_from_time",
        "`replay` leaves out events at from_time itself. They belong to it: time >= from_time.",
        """
class EventLog(_Log):
    def replay(self, from_time):
        return sorted((e for e in self.events if e[1] > from_time), key=lambda e: e[1])
""",
    ),
    Misconception(
        "EventLog",
        "no_watermark",
        "Events are taken however late they come. Below the newest accepted time less lateness, "
        "refuse them.",
        """
class EventLog(_Log):
    def is_late(self, time):
        return False
""",
    ),
    Misconception(
        "EventLog",
        "watermark_refuses_equal",
        "An event exactly on the watermark is refused. Only what lies below it is too late.",
        """
class EventLog(_Log):
    def is_late(self, time):
        return time <= self.newest - self.lateness
""",
    ),
    Misconception(
        "EventLog",
        "watermark_from_last_event",
        "Your watermark follows the event that came last, and falls back when that one is late. It "
        "follows the newest time of all accepted events and never falls.",
        """
class EventLog(_Log):
    def take(self, event_id, time, payload):
        self.events.append((event_id, time, payload))
        self.known[event_id] = self.newest = time
        self.forget()
""",
    ),
    Misconception(
        "EventLog",
        "refused_events_move_the_watermark",
        "A refused event moves the watermark: a duplicate with a later time makes others too late. "
        "What is refused must leave no trace.",
        """
class EventLog(_Log):
    def append(self, event_id, time, payload):
        taken = _Log.append(self, event_id, time, payload)
        self.newest = max(self.newest, time)
        self.forget()
        return taken
""",
    ),
    Misconception(
        "EventLog",
        "never_forgets_ids",
        "Ids are remembered for good: after a year the set holds every event that ever was. Once "
        "the watermark has passed an event's time, forget its id.",
        """
class EventLog(_Log):
    def forget(self):
        pass
""",
    ),
    Misconception(
        "EventLog",
        "forgets_events",
        "With the ids you forget the events. The log is what the state is rebuilt from: it keeps "
        "them all.",
        """
class EventLog(_Log):
    def replay(self, from_time):
        return _Log.replay(self, max(from_time, self.newest - self.lateness))
""",
    ),
    Misconception(
        "EventLog",
        "forgets_on_the_watermark",
        "You forget an id whose time is equal to the watermark. Such an event can still come again "
        "in time: only ids below the watermark are forgotten.",
        """
class EventLog(_Log):
    def forget(self):
        self.known = {i: t for i, t in self.known.items() if t > self.newest - self.lateness}
""",
    ),
    Misconception(
        "EventLog",
        "shared_state",
        _SHARED,
        """
class EventLog(_Log):
    events, known, newest = [], {}, -math.inf

    def __init__(self, lateness):
        self.lateness = lateness

    def forget(self):
        for one in [i for i, t in self.known.items() if t < self.newest - self.lateness]:
            del self.known[one]
""",
    ),
    # ------------------------------------------------------------------ PageHinkley
    Misconception(
        "PageHinkley",
        "never_resets",
        "After an alarm nothing starts afresh, so that every further value raises one. Put count, "
        "mean, sum and minimum back to nothing.",
        """
class PageHinkley(_Detector):
    def update(self, x):
        self.move_mean(x)
        self.total += x - self.mean - self.delta
        self.lowest = min(self.lowest, self.total)
        return self.count >= self.min_instances and self.climbed()
""",
    ),
    Misconception(
        "PageHinkley",
        "alarms_on_improvement",
        "Your test has two sides: it also raises an alarm where the error has fallen. For an error "
        "only up is worse.",
        """
class PageHinkley(_Detector):
    def start(self):
        _Detector.start(self)
        self.down = self.highest = 0.0

    def update(self, x):
        self.move_mean(x)
        self.total += x - self.mean - self.delta
        self.lowest = min(self.lowest, self.total)
        self.down += x - self.mean + self.delta
        self.highest = max(self.highest, self.down)
        fallen = self.highest - self.down > self.threshold
        alarm = self.count >= self.min_instances and (self.climbed() or fallen)
        if alarm:
            self.start()
        return alarm
""",
    ),
    Misconception(
        "PageHinkley",
        "mean_kept_after_alarm",
        "After an alarm you put the sum back, but not the mean: the new level goes on being measured "
        "against the old one. Start everything afresh.",
        """
class PageHinkley(_Detector):
    def update(self, x):
        self.move_mean(x)
        self.total += x - self.mean - self.delta
        self.lowest = min(self.lowest, self.total)
        alarm = self.count >= self.min_instances and self.climbed()
        if alarm:
            self.total = self.lowest = 0.0
        return alarm
""",
    ),
    Misconception(
        "PageHinkley",
        "mean_without_the_value",
        "Each value is compared with the mean of those before it. The test's mean includes the value "
        "that has just come.",
        """
class PageHinkley(_Detector):
    def update(self, x):
        before = self.mean if self.count else x
        self.move_mean(x)
        self.total += x - before - self.delta
        self.lowest = min(self.lowest, self.total)
        alarm = self.count >= self.min_instances and self.climbed()
        if alarm:
            self.start()
        return alarm
""",
    ),
    Misconception(
        "PageHinkley",
        "min_instances_ignored",
        "An alarm is raised before min_instances values have come: a mean of a handful says little.",
        """
class PageHinkley(_Detector):
    def __init__(self, delta, threshold, min_instances=30):
        _Detector.__init__(self, delta, threshold, 1)
""",
    ),
    Misconception(
        "PageHinkley",
        "sum_without_minimum",
        "You compare the sum itself with the threshold. What counts is how far it has climbed above "
        "its lowest point.",
        """
class PageHinkley(_Detector):
    def climbed(self):
        return self.total > self.threshold
""",
    ),
    Misconception(
        "PageHinkley",
        "delta_added",
        "You add delta instead of taking it off: the sum climbs without any change.",
        """
class PageHinkley(_Detector):
    def __init__(self, delta, threshold, min_instances=30):
        _Detector.__init__(self, -delta, threshold, min_instances)
""",
    ),
    Misconception(
        "PageHinkley",
        "forgets",
        "Your sum fades with time (a factor below 1, as a library has it by default). This test does "
        "not forget.",
        """
class PageHinkley(_Detector):
    def update(self, x):
        self.move_mean(x)
        self.total = 0.9999 * self.total + x - self.mean - self.delta
        self.lowest = min(self.lowest, self.total)
        alarm = self.count >= self.min_instances and self.climbed()
        if alarm:
            self.start()
        return alarm
""",
    ),
    Misconception(
        "PageHinkley",
        "shared_state",
        _SHARED,
        """
class PageHinkley(_Detector):
    state = {}

    def __getattr__(self, name):
        return self.state[name]

    def __setattr__(self, name, value):
        self.state[name] = value
""",
    ),
    # ------------------------------------------------------------------ recommend_within
    Misconception(
        "recommend_within",
        "checks_the_clock_afterwards",
        "You look at the clock after a source has answered: a slow one has then used up the time. "
        "Before you ask, see whether its expected cost still fits.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
        if clock() > deadline:
            break
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "expected_cost_ignored",
        "You ask a source as long as the deadline has not passed, whatever it is expected to cost. "
        "Ask only if clock() + expected_cost is at most the deadline.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        if position < len(sources) - 1 and clock() > deadline:
            continue
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "clock_read_once",
        "You read the clock once and add up expected costs. A source may take longer than expected: "
        "read the clock anew before each one.",
        """
def recommend_within(deadline, sources, k, clock):
    found, now = {}, clock()
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        if position < len(sources) - 1 and now + cost > deadline:
            continue
        now += cost
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "stops_at_the_first_that_does_not_fit",
        "You stop at the first source that does not fit. A cheaper one further down may fit: leave "
        "this one out and go on.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        last = position == len(sources) - 1
        if len(found) >= k or (not last and clock() + cost > deadline):
            break
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "fallback_held_to_the_deadline",
        "The last source is left out where it does not fit, and the page stays empty. It is the "
        "fallback: ask it whenever items are missing.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for cost, source in sources:
        if len(found) >= k:
            break
        if clock() + cost > deadline:
            continue
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "duplicates_kept",
        "An item that two sources return stands in your list twice. Show it once, where it came "
        "first.",
        """
def recommend_within(deadline, sources, k, clock):
    found = []
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        if position < len(sources) - 1 and clock() + cost > deadline:
            continue
        try:
            found += source(k)
        except Exception:
            continue
    return found[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "asks_everybody",
        "You go on asking sources when k items are found already. Every further one costs time that "
        "nobody needs.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        if position < len(sources) - 1 and clock() + cost > deadline:
            continue
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
""",
    ),
    Misconception(
        "recommend_within",
        "more_than_k",
        "Your list is longer than k: a source may return more than it was asked for. Cut the list.",
        """
def recommend_within(deadline, sources, k, clock):
    found = {}
    for position, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        if position < len(sources) - 1 and clock() + cost > deadline:
            continue
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)
""",
    ),
    # ------------------------------------------------------------------ live_model
    Misconception(
        "live_model",
        "no_decay",
        "Your model has no sense of time: what was bought in January counts as much as what was "
        "bought last week. Let the counts fade.",
        """
class _Timeless(_Live):
    habit = latest = 1e9

def live_model():
    return _Timeless()
""",
    ),
    Misconception(
        "live_model",
        "forgets_too_fast",
        "Your model forgets a household's habits within days. Most households return to the same "
        "products for months: a half-life of two or three months serves them better.",
        """
class _Forgetful(_Live):
    habit = 7.0

def live_model():
    return _Forgetful()
""",
    ),
    Misconception(
        "live_model",
        "same_for_all_households",
        "All households get the same list. What a household buys again and again is the strongest "
        "signal there is: keep counts per household.",
        """
class _Bestsellers(_Live):
    def predict(self, time, household):
        return _Live.predict(self, time, None)

def live_model():
    return _Bestsellers()
""",
    ),
    Misconception(
        "live_model",
        "sorts_the_catalogue",
        "The cost of an event grows with the number of products: something goes over the whole "
        "catalogue each time. Keep a pool of leaders; only what was just bought can enter it.",
        """
class _Sorting(_Live):
    def leaders(self):
        return sorted(self.shop, key=self.shop.__getitem__)[-40:]

def live_model():
    return _Sorting()
""",
    ),
    Misconception(
        "live_model",
        "shared_state",
        _SHARED,
        """
_ONLY = _Live()

def live_model():
    return _ONLY
""",
    ),
]
