"""Checks of the list under a deadline: who is asked, in which order, and what is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import prop

Plan = tuple[float, float, Any]  # expected cost, true cost, items (None: it raises)


def _judge(case: Case, start: float, deadline: float, plans: list[Plan], k: int, what: str) -> None:
    def read(returned: Any) -> Any:
        items, asked = returned
        if items is None:
            case.fail(
                "Your function returned None. Did you forget the `return` statement?",
                category="returned nothing",
            )
        if not isinstance(items, list):
            case.fail("Return a list of items.", got=type(items).__name__, category="wrong type")
        return items, [tuple(one) for one in asked]

    case.matches_reference(
        start,
        deadline,
        [list(plan) for plan in plans],
        k,
        read=read,
        view=lambda value: (list(value[0]), [tuple(one) for one in value[1]]),
        close=lambda got, wanted: got == wanted,
        through=prop("served"),
        what=f"{what} (Shown: the list, then the number of each source that was asked, and its k.)",
    )


def _items(case: Case, n: int, first: int = 0) -> list[int]:
    return (first + case.rng.permutation(1000)[:n]).tolist()


def _cost(case: Case, low: float, high: float) -> float:
    return float(np.round(case.rng.uniform(low, high), 3))


@check(
    "recommend_within",
    "a source is asked only if its expected cost still fits",
    advice="Before each source read the clock anew: if clock() + expected_cost > deadline, leave "
    "it out and go on with the next one.",
    core=True,
    weight=2.0,
    seeds=(2, 1),
)
def within_the_deadline(case: Case) -> None:
    start, k = _cost(case, 50, 500), 10
    what = "Another source was asked, or another list returned."
    # too expensive from the start
    plans: list[Plan] = [
        (_cost(case, 9, 12), _cost(case, 9, 12), _items(case, 3)),
        (1.0, 1.0, _items(case, 10, 1000)),
    ]
    _judge(case, start, start + 8.0, plans, k, what)
    # the first takes longer than expected: then the second does not fit, and the third does
    slow = _cost(case, 4.5, 5.5)
    plans = [
        (2.0, slow, _items(case, 3)),
        (4.0, 4.0, _items(case, 10, 1000)),
        (1.0, 1.0, _items(case, 4, 2000)),
        (0.5, 0.5, _items(case, 12, 3000)),
    ]
    _judge(case, start, start + 8.0, plans, k, what)
    # exactly what is left
    plans = [(3.0, 3.0, _items(case, 4)), (5.0, 5.0, _items(case, 8, 1000)), (1.0, 1.0, [1, 2])]
    _judge(case, 16.0, 24.0, plans, k, what)


@check(
    "recommend_within",
    "the last source is the fallback: asked if items are missing, even if late",
    advice="Leave the last source out of the test of the clock, but ask it only while fewer than k "
    "items are found.",
    core=True,
    seeds=(1, 1),
)
def within_falls_back(case: Case) -> None:
    start = _cost(case, 50, 500)
    what = "The last source is not treated as the fallback."
    late: list[Plan] = [(2.0, 9.0, _items(case, 3)), (2.0, 2.0, _items(case, 9, 1000))]
    _judge(case, start, start + 5.0, late, 6, what)
    _judge(case, start + 9.0, start + 5.0, late, 6, what)
    _judge(case, start, start - 1.0, [(2.0, 2.0, _items(case, 5))], 4, what)
    enough: list[Plan] = [(1.0, 1.0, _items(case, 6)), (1.0, 1.0, _items(case, 9, 1000))]
    _judge(case, start, start + 5.0, enough, 6, what)


@check(
    "recommend_within",
    "items are distinct, in the order of the sources, at most k, and then nobody is asked",
    advice="Add what is not there yet, stop as soon as there are k, and cut the list to k. Ask "
    "each source for k items.",
    seeds=(2, 1),
)
def within_merges(case: Case) -> None:
    items = _items(case, 14)
    first = [*items[:4], items[1]]
    plans: list[Plan] = [
        (0.1, 0.1, first),
        (0.1, 0.1, [items[2], *items[4:7], items[0], *items[7:9]]),
        (0.1, 0.1, items[6:]),
        (0.1, 0.1, _items(case, 5, 2000)),
    ]
    what = "The items are put together wrongly, or too many sources are asked."
    for k in (4, 7, 12, 40):
        _judge(case, 0.0, 9.0, plans, k, what)
    words: list[Plan] = [(0.1, 0.1, ["tea", "milk"]), (0.1, 0.1, []), (0.1, 0.1, ["milk", "rice"])]
    _judge(case, 0.0, 9.0, words, 3, what)


@check(
    "recommend_within",
    "a source that raises is skipped",
    advice="Wrap the call of a source in try ... except Exception: continue.",
    seeds=(1, 1),
)
def within_survives(case: Case) -> None:
    start = _cost(case, 0, 9)
    broken: list[Plan] = [
        (1.0, 2.5, None),
        (1.0, 1.0, _items(case, 3)),
        (6.0, 6.0, _items(case, 9, 1000)),
        (1.0, 1.0, None),
    ]
    what = "A source that raises an exception is not skipped."
    _judge(case, start, start + 8.0, broken, 5, what)
    _judge(case, start, start + 8.0, [(1.0, 1.0, None)], 5, what)
