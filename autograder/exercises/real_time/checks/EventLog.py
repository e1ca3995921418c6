"""Checks of the event log: each event once, in event time, up to a limit of lateness."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import (
    both_refused,
    for_one,
    judge_outcomes,
    own,
    prop,
)

ASKED = frozenset({"append", "replay"})


def _well_formed(case: Case, method: str, result: Any) -> Any:
    if method == "append":
        if not isinstance(result, bool):
            case.fail(
                "append(...) must be True or False.",
                got=type(result).__name__,
                category="wrong type",
            )
        return result
    if not isinstance(result, list) or not all(
        isinstance(event, (tuple, list)) and len(event) == 3 for event in result
    ):
        case.fail(
            "replay(from_time) must be a list of (event_id, time, payload).",
            got=result,
            category="wrong type",
        )
    return [tuple(event) for event in result]


def _same(got: Any, wanted: Any) -> bool:
    if (decided := both_refused(got, wanted)) is not None:
        return decided
    if isinstance(wanted, bool):
        return got is wanted
    return isinstance(got, list) and got == [tuple(event) for event in wanted]


def _judge(case: Case, lateness: list[float], operations: list[Any], what: str) -> None:
    judge_outcomes(
        case,
        [[own_lateness] for own_lateness in lateness],
        operations,
        ASKED,
        well_formed=lambda method, result: _well_formed(case, method, result),
        close=_same,
        what=what,
    )


def _ids(case: Case, n: int) -> list[str]:
    """Distinct ids in no particular order."""
    return [f"event-{number}" for number in case.rng.permutation(1000)[:n].tolist()]


def _payload(case: Case) -> list[Any]:
    """A household and its items: nothing that hashes."""
    return [int(case.rng.integers(2469)), case.rng.integers(68_509, size=2).tolist()]


def _arrivals(
    case: Case, n: int, last: float, delay: float
) -> list[tuple[str, str, float, list[Any]]]:
    """`append` operations in order of arrival, up to `delay` late; some times are equal."""
    times = np.sort(case.rng.integers(0, int(last * 4), n) / 4)
    order = np.argsort(times + case.rng.uniform(0, delay, n), kind="stable")
    ids = _ids(case, n)
    return [("append", ids[at], float(times[at]), _payload(case)) for at in order.tolist()]


@check(
    "EventLog",
    "events are replayed by event time, ties as they arrived, from a time on",
    advice="Sort by time alone, with Python's stable sort (key=lambda event: event[1]), over the "
    "events in their order of arrival; from_time itself is included.",
    core=True,
    weight=1.5,
    seeds=(2, 1),
)
def log_replays(case: Case) -> None:
    arrivals = _arrivals(case, 24, 10.0, 3.0)
    middle = sorted(operation[2] for operation in arrivals)[12]
    operations = [("replay", 0.0), *arrivals, ("replay", -1.0), ("replay", middle)]
    operations += [("replay", middle + 0.1), ("replay", 99.0)]
    _judge(case, [50.0], for_one(operations), "What is replayed is wrong, or its order.")


@check(
    "EventLog",
    "an event that comes twice counts once",
    advice="Keep a set of known ids, and return False for one of them, whatever time and payload "
    "come with it.",
    core=True,
    weight=1.5,
    seeds=(2, 1),
)
def log_is_idempotent(case: Case) -> None:
    arrivals = _arrivals(case, 12, 6.0, 2.0)
    operations: list[Any] = []
    for at, (method, name, time, payload) in enumerate(arrivals):
        operations.append((method, name, time, payload))
        if at % 3 == 0:
            operations.append((method, name, time, payload))
        if at % 4 == 1:
            operations.append((method, name, time + 1.5, _payload(case)))
    operations += [*arrivals[3:6], ("replay", 0.0)]
    _judge(case, [40.0], for_one(operations), "Repeated events are not handled as they should.")


@check(
    "EventLog",
    "events below the watermark are refused, and move nothing",
    advice="The watermark is the newest time among events that were taken, less lateness. A time "
    "below it is too late; one equal to it is not.",
    weight=1.5,
    seeds=(2, 1),
)
def log_has_a_watermark(case: Case) -> None:
    lateness = float(case.rng.integers(2, 6)) / 2
    names = iter(_ids(case, 40))
    first, second = next(names), next(names)
    operations: list[Any] = [
        ("append", first, 10.0, "a"),
        ("append", second, 10.0 - lateness, "on the watermark"),
        ("append", next(names), 10.0 - lateness - 0.25, "too late"),
        ("append", first, 30.0, "a duplicate, which moves nothing"),
        ("append", next(names), 9.75, "late, not too late"),
        ("append", next(names), 10.0 - lateness, "on the watermark again"),
        ("append", next(names), 12.0, "moves the watermark"),
        ("append", next(names), 11.0, "late"),
        ("append", next(names), 12.0 - lateness, "on the watermark"),
        ("append", next(names), 12.0 - lateness - 0.25, "too late now"),
    ]
    operations += _arrivals_named(case, names, 20, 13.0, 3.0 * lateness)
    operations.append(("replay", 0.0))
    _judge(case, [lateness], for_one(operations), "Late events are not handled as they should.")
    none_late = [
        ("append", name, time, 0)
        for name, time in zip("abcd", (-9.0, -9.0, -8.5, -9.0), strict=True)
    ]
    _judge(case, [0.0], for_one([*none_late, ("replay", -9.0)]), "With lateness 0, it goes wrong.")


def _arrivals_named(case: Case, names: Any, n: int, start: float, delay: float) -> list[Any]:
    found = _arrivals(case, n, 8.0, delay)
    return [(method, next(names), start + time, payload) for method, _, time, payload in found]


@check(
    "EventLog",
    "ids beyond the watermark are forgotten, their events are not",
    advice="When the newest time moves, forget every id whose time is now below the watermark (not "
    "equal to it); keep the events. A heap of (time, id) finds them.",
    weight=1.5,
    seeds=(2, 1),
)
def log_forgets_ids(case: Case) -> None:
    names = _ids(case, 30)
    lateness = 2.0
    operations: list[Any] = [
        ("append", names[0], 1.0, "first"),
        ("append", names[1], 2.0, "second"),
        ("append", names[2], 4.0, "the watermark is now 2"),
        ("append", names[1], 4.0, "still known"),
        ("append", names[0], 3.0, "forgotten, so new"),
        ("append", names[0], 3.5, "known again"),
        ("append", names[0], 1.0, "known, and too late"),
        ("append", names[3], 5.5, "the watermark is now 3.5"),
        ("append", names[0], 1.0, "too late"),
        ("append", names[1], 3.5, "forgotten, so new"),
        ("append", names[0], 5.0, "forgotten again"),
        ("replay", 0.0),
    ]
    # repeated now and then, after shorter and longer whiles
    for at, time in enumerate(np.sort(case.rng.uniform(6, 24, 40)).round(2).tolist()):
        operations.append(("append", names[int(case.rng.integers(8))], time, at))
    operations.append(("replay", 0.0))
    _judge(case, [lateness], for_one(operations), "Ids are not forgotten as they should be.")


@check(
    "EventLog",
    "two logs share nothing, and a list that was replayed is the caller's",
    advice="Make lists and sets in `__init__`, and return a new list from `replay`.",
    weight=0.5,
    seeds=(1, 0),
)
def log_shares_nothing(case: Case) -> None:
    arrivals = _arrivals(case, 12, 6.0, 1.0)
    operations = [(at % 2, *operation) for at, operation in enumerate(arrivals)]
    operations += [(1 - at % 2, *operation) for at, operation in enumerate(arrivals[:4])]
    operations += [(0, "replay", 0.0), (1, "replay", 0.0)]
    _judge(case, [9.0, 9.0], operations, "One log's events count in another one.")
    if not case.read(prop("replay_is_the_callers"), own(case)):
        case.fail("Who changes the list that `replay` returned changes the log.")
