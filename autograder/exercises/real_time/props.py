"""What the judge makes on the submission's side, because it cannot cross as plain data.

This text runs in the submission's process: it drives objects, which stay there, with many
operations in one message. It imports nothing of ours.
"""

from __future__ import annotations

import builtins
import itertools
import time as clocks
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

REFUSED = "ValueError"


def outcomes(
    make: Callable, arguments: list[Any], operations: list[Any], may_refuse: bool
) -> list[Any]:
    """What the asked operations on fresh objects give.

    `arguments` are those of each object's constructor, `operations` (object's number, whether its
    result is asked for, method, arguments ...). With `may_refuse`, an operation that raises
    ValueError gives REFUSED; elsewhere that is an error like any other, and comes through.
    """
    objects = [make(*own) for own in arguments]
    results = []
    for number, asked, method, *rest in operations:
        try:
            result = getattr(objects[number], method)(*rest)
        except ValueError:
            if not (may_refuse and asked):
                raise
            result = REFUSED
        if asked:
            results.append(result)
    return results


def as_generator(prequential: Callable, events: Any, model: Any, score: Callable, note: Any) -> Any:
    """`prequential` of a generator that notes when an event is taken from it."""

    def one_by_one() -> Iterator[Any]:
        for position, event in enumerate(events):
            note(position)
            yield event

    return prequential(one_by_one(), model, score)


# ---------------------------------------------------------------------- cost


def growth_of_add(make: Callable, n_keys: int, enough: float) -> float:
    """How many times as much processor time `add` takes with n_keys keys as with thirty.

    A ratio above `enough` is measured again, up to twice.
    """
    small, large = _filled(make(7.0), 30), _filled(make(7.0), n_keys)
    ratio = float("inf")
    for _ in range(3):
        few, many = _cost_of_add(*small), _cost_of_add(*large)
        ratio = min(ratio, many / few)
        if ratio <= enough:
            break
    return ratio


def _filled(counter: Any, n_keys: int) -> tuple[Any, Iterator[tuple[int, float]]]:
    moments = ((key % n_keys, 1e-6 * key) for key in itertools.count(step=7919))
    for key in range(n_keys):
        counter.add(key, 0.0)
    return counter, moments


def _cost_of_add(counter: Any, moments: Iterator[tuple[int, float]]) -> float:
    """Processor time of an `add`, over a while that is long where the clock ticks every 4 ms only,
    as it may in a sandbox."""
    begin, n, spent = clocks.process_time(), 0, 0.0
    while spent < 0.04:
        for key, time in itertools.islice(moments, 10):
            counter.add(key, time)
        n, spent = n + 10, clocks.process_time() - begin
    return spent / n


# ---------------------------------------------------------------------- another process


def in_another_process(hash_features: Callable, fields: Any, n_bits: int) -> Any:
    """`hash_features` as in a process with another PYTHONHASHSEED: `hash` of whatever holds text
    gives other numbers there."""
    own = builtins.hash

    def salted(value: Any) -> int:
        return own((own(value), "another process")) if _holds_text(value) else own(value)

    builtins.hash = salted
    try:
        return hash_features(fields, n_bits)
    finally:
        builtins.hash = own


def _holds_text(value: Any) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return any(map(_holds_text, value))
    return isinstance(value, (str, bytes))


# ---------------------------------------------------------------------- a deadline


def served(
    recommend_within: Callable, start: float, deadline: float, plans: list[Any], k: int
) -> list[Any]:
    """What `recommend_within` returns, and the number and k of each source that it asked, in turn.

    A plan is (expected cost, true cost, items); a source without items raises.
    """
    now = start
    asked: list[list[Any]] = []

    def source_of(number: int, cost: float, items: Any) -> Callable:
        def source(k: int) -> list[Any]:
            nonlocal now
            now += cost
            asked.append([number, k])
            if items is None:
                raise KeyError("no such household")
            return list(items)

        return source

    sources = [
        (expected, source_of(number, cost, items))
        for number, (expected, cost, items) in enumerate(plans)
    ]
    before = list(sources)
    items = recommend_within(deadline, sources, k, lambda: now)
    if sources != before:
        asked.append(["the list of sources was changed", 0])
    return [items, asked]


# ---------------------------------------------------------------------- the stream

WIDTH = 20


class Player:
    """Asks a model before baskets and tells it afterwards; it is never handed a basket earlier."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def step(self, past: Any, times: Any, households: Any) -> Any:
        """Let the model learn the baskets `past`, and ask it about later ones, of these households.

        Baskets are (times, households, items, where each basket ends in them). The answers as
        (n, 20) int64, -1 where there are fewer; or what is wrong with one of them.
        """
        if past is not None:
            when, who, items, ends = (array.tolist() for array in past)
            begins = [0, *ends[:-1]]
            for time, household, begin, end in zip(when, who, begins, ends, strict=True):
                self._model.learn(time, household, items[begin:end])
        answers = np.full((len(times), WIDTH), -1, np.int64)
        asked = zip(times.tolist(), households.tolist(), strict=True)
        try:
            for row, (time, household) in zip(answers, asked, strict=True):
                ids = _ids(self._model.predict(time, household))
                row[: len(ids)] = ids
        except _NoAnswer as fault:
            return str(fault)
        return answers

    def leaves_alone(self, time: float, household: int, items: list[int]) -> bool:
        """Whether the model learns a basket and leaves its list as it was."""
        told = list(items)
        self._model.learn(time, household, told)
        return told == items


def growth_of_events(
    make: Callable, n_items: int, times: int, baskets: list[Any], enough: float
) -> float:
    """How many times as much processor time baskets cost with `times` times as many products.

    Two models learn of n_items and of times * n_items products. Then both are asked about and told
    the same `baskets` (time, household, items), in turns of 100: where the clock of processor time
    ticks every 4 ms only, shorter ones would measure nothing. A ratio above `enough` is measured
    again, once, with later baskets of the same kind.
    """
    ratio = float("inf")
    for _ in range(2):
        models = [make(), make()]
        for model, stocked in zip(models, (n_items, times * n_items), strict=True):
            _stock(model, stocked)
        costs = [0.0, 0.0]
        for first in range(0, len(baskets), 100):
            for side, model in enumerate(models):
                begin = clocks.process_time()
                for time, household, items in baskets[first : first + 100]:
                    model.predict(time, household)
                    model.learn(time, household, list(items))
                costs[side] += clocks.process_time() - begin
        ratio = min(ratio, costs[1] / max(costs[0], 1e-9))
        if ratio <= enough:
            break
    return ratio


def _stock(model: Any, n_items: int, size: int = 50) -> None:
    """Let a model learn of every item once, in baskets of households that nobody asks about."""
    for number, first in enumerate(range(0, n_items, size)):
        model.learn(0.0, 1_000_000 + number, list(range(first, min(first + size, n_items))))


class _NoAnswer(Exception):
    """What is wrong with a list of items."""


def _ids(answer: Any) -> list[int]:
    if not isinstance(answer, (list, tuple, np.ndarray)):
        raise _NoAnswer(f"an answer of type {type(answer).__name__}")
    array = np.asarray(answer)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise _NoAnswer(f"an answer of shape {array.shape} and dtype {array.dtype}")
    ids = array.tolist()
    if len(ids) > WIDTH:
        raise _NoAnswer(f"an answer of {len(ids)} items")
    if len(set(ids)) < len(ids):
        raise _NoAnswer("an answer that holds an item twice")
    if any(not 0 <= one < 1 << 63 for one in ids):
        raise _NoAnswer("an answer that holds something else than an item's number")
    return ids


def replay_is_the_callers(make: Callable) -> bool:
    """Whether a log stays as it is when the list that it replayed is emptied."""
    log = make(5.0)
    log.append("a", 1.0, None)
    log.append("b", 2.0, None)
    log.replay(0.0).clear()
    return len(log.replay(0.0)) == 2


def indices_stay(make: Callable, arguments: list[Any], indices: Any) -> bool:
    """Whether a model leaves an array and a list of indices, with one repeated, as they are."""
    model = make(*arguments)
    array = np.concatenate([indices[::-1], indices[:1]])
    for given in (array, array.tolist()):
        model.predict(given)
        model.learn(given, 1)
        if list(given) != [*indices[::-1].tolist(), int(indices[0])]:
            return False
    return True


def itself(value: Any) -> Any:
    """A kept value, to be read."""
    return value
