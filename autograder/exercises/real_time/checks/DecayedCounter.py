"""Checks of the fading counts: the closed form, in any order, at a constant cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.real_time.checks.parts import (
    both_refused,
    for_one,
    judge_outcomes,
    own,
    prop,
)

ASKED = frozenset({"value", "top"})
N_KEYS, MAX_GROWTH = 60_000, 4.0
_near = close(rtol=1e-9, atol=1e-12)


def _well_formed(case: Case, method: str, result: Any) -> Any:
    if method == "value":
        return case.number(result, "value(key, time)")
    if not isinstance(result, list) or not all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in result
    ):
        case.fail("top(k, time) must be a list of (key, value).", got=result, category="wrong type")
    return [(key, case.number(value, "A value of top")) for key, value in result]


def _same(got: Any, wanted: Any) -> bool:
    if (decided := both_refused(got, wanted)) is not None:
        return decided
    if not isinstance(wanted, list):
        return not isinstance(got, list) and _near(got, wanted)
    if not isinstance(got, list) or [key for key, _ in got] != [key for key, _ in wanted]:
        return False
    return _near([value for _, value in got], [value for _, value in wanted])


def _judge(case: Case, half_lives: list[float], operations: list[Any], what: str) -> None:
    judge_outcomes(
        case,
        [[half_life] for half_life in half_lives],
        operations,
        ASKED,
        well_formed=lambda method, result: _well_formed(case, method, result),
        close=_same,
        what=what,
    )


def _adds(case: Case, n: int, last: float, n_keys: int = 6) -> list[tuple[Any, ...]]:
    """`add` operations at distinct times in their order, some without an amount."""
    times = np.sort(np.round(case.rng.uniform(0, last, n), 4)).tolist()
    keys = case.rng.integers(n_keys, size=n).tolist()
    named = case.rng.random() < 0.5
    amounts = np.round(case.rng.uniform(0.5, 4, n), 2).tolist()
    return [
        ("add", f"item {key}" if named else key, time, *([amount] if amount > 1.5 else []))
        for key, time, amount in zip(keys, times, amounts, strict=True)
    ]


def _values(adds: list[tuple[Any, ...]], *times: float) -> list[tuple[Any, ...]]:
    """What every key counts at these times, and what a key counts that was never added."""
    keys = list(dict.fromkeys(operation[1] for operation in adds))
    never = "never" if isinstance(keys[0], str) else 987_654
    return [("value", key, time) for time in times for key in [*keys, never]]


@check(
    "DecayedCounter",
    "values are the sum of amounts, each halved once per half-life",
    advice="Bring the stored value forward to the new event's time before you add its amount: "
    "value * 0.5 ** ((time - then) / half_life) + amount.",
    core=True,
    weight=2.0,
    seeds=(2, 2),
)
def counter_fades(case: Case) -> None:
    half_life = float(np.round(case.rng.uniform(3, 30), 1))
    adds = _adds(case, 40, 60.0)
    last = adds[-1][2]
    later = float(np.round(last + case.rng.uniform(1, 40), 3))
    operations = [*adds[:20], *_values(adds[:20], adds[19][2]), *adds[20:]]
    operations += _values(adds, last, later)
    _judge(case, [half_life], for_one(operations), "A value is wrong.")


@check(
    "DecayedCounter",
    "a late event counts what it would have counted in time",
    advice="If the event is older than the stored value, let the amount fade from the event's own "
    "time to that of the value; the value's time stays.",
    core=True,
    seeds=(2, 2),
)
def counter_in_any_order(case: Case) -> None:
    adds = _adds(case, 30, 50.0)
    last = adds[-1][2]
    shuffled = [adds[at] for at in case.rng.permutation(len(adds))]
    operations = [*shuffled, *_values(adds, last, last + 9.5)]
    _judge(case, [12.5], for_one(operations), "The same events in another order count otherwise.")


@check(
    "DecayedCounter",
    "an `add` costs no more with many keys than with few",
    advice="Touch only the key that is added. The others fade when somebody asks for them: keep "
    "the time as of which each value holds.",
    seeds=(1, 0),
)
def counter_costs_the_same(case: Case) -> None:
    # a small number of keys first: whatever touches them all takes long to be filled with many
    for n_keys in (1_000, N_KEYS):
        growth = case.read(prop("growth_of_add"), own(case), n_keys, MAX_GROWTH)
        if case.number(growth, "A ratio of costs") > MAX_GROWTH:
            case.fail(
                f"With {n_keys:,} keys an `add` takes much longer than with 30.",
                expected=f"at most {MAX_GROWTH:g} times the processor time",
                got=f"{growth:.1f} times",
                category="too slow",
                misconception="fades_every_key",
            )


@check(
    "DecayedCounter",
    "a half-life of 15 minutes over a year, and Unix times, do no harm",
    advice="Keep exponents at or below zero: fade from the older time to the newer one. "
    "2 ** (time / half_life) overflows.",
    seeds=(1, 1),
)
def counter_does_not_overflow(case: Case) -> None:
    start = float(case.rng.integers(1_400_000_000, 1_500_000_000))
    year = 365 * 86_400.0
    times = [0.0, *np.sort(case.rng.uniform(0, year, 12)).round(1).tolist(), year]
    adds = [("add", int(at % 3), start + time) for at, time in enumerate(times)]
    late = [("add", 0, start + 60.0), ("add", 1, start + year - 60.0, 2.5)]
    operations = [*adds, *late, *_values(adds, start + year, start + year + 450.0)]
    _judge(case, [900.0], for_one(operations), "Over a long time, values are wrong.")
    early = [("add", key, time) for key, time in ((0, 0.0), (1, year), (0, 3.0), (1, year - 900.0))]
    operations = [*early, *_values(early, year)]
    _judge(case, [900.0], for_one(operations), "Over a long time, values are wrong.")


@check(
    "DecayedCounter",
    "`top` gives the k largest as of now, best first",
    advice="Compute every key's value at `time` and sort those: what is stored holds as of another "
    "time for every key.",
    seeds=(2, 1),
)
def counter_top(case: Case) -> None:
    adds = _adds(case, 40, 50.0, n_keys=9)
    last = adds[-1][2]
    # a key that was asked about, and never added, is none of the keys
    never = _values(adds, last)[-1]
    operations = [*adds, ("top", 4, last), never]
    operations += [("top", 1, last + 20.0), ("top", 100, last + 3.25)]
    _judge(case, [6.0], for_one(operations), "The keys that count most are others.")
    # long ago and often, against lately and once
    stale = [("add", 0, 0.0)] * 5 + [("add", 1, 30.0), ("add", 2, 29.0)]
    _judge(case, [6.0], for_one([*stale, ("top", 2, 30.0)]), "The keys that count most are others.")


@check(
    "DecayedCounter",
    "the past is refused, a key never added counts 0.0",
    advice="Keep the newest time of any key, and raise ValueError in `value` and `top` for a time "
    "before it; the newest time itself is fine.",
    seeds=(1, 1),
)
def counter_refuses_the_past(case: Case) -> None:
    newest = float(np.round(case.rng.uniform(5, 9), 2))
    operations = [
        ("value", 1, 0.0),
        ("add", 1, 2.0),
        ("add", 2, newest),
        ("add", 1, 3.0),  # late: what is newest stays
        *(("value", key, time) for time in (newest, newest - 0.5, 4.0) for key in (1, 2, 3)),
        ("top", 2, newest - 0.01),
        ("top", 2, newest),
    ]
    what = "A time before the newest event must be refused with ValueError, and only such a time."
    _judge(case, [4.0], for_one(operations), what)


@check(
    "DecayedCounter",
    "two counters share nothing",
    advice="Make the dict in `__init__`. One in the class body, or as a default argument, is the "
    "same for every object.",
    weight=0.5,
    seeds=(1, 0),
)
def counter_shares_nothing(case: Case) -> None:
    adds = _adds(case, 20, 20.0, n_keys=3)
    operations = [(at % 2, *add) for at, add in enumerate(adds)]
    asked = [(number, *one) for number in (0, 1) for one in _values(adds, 20.0)]
    _judge(case, [5.0, 8.0], [*operations, *asked], "One counter's events count in another one.")
