"""Checks of the Page-Hinkley test: it sounds where the test does, and afterwards starts afresh."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import for_one, judge_outcomes

ASKED = frozenset({"update"})


def _judge(case: Case, arguments: list[list[Any]], operations: list[Any], what: str) -> None:
    def well_formed(method: str, result: Any) -> bool:
        if not isinstance(result, bool):
            case.fail(
                "update(x) must be True or False.", got=type(result).__name__, category="wrong type"
            )
        return result

    judge_outcomes(
        case,
        arguments,
        operations,
        ASKED,
        well_formed=well_formed,
        close=lambda got, wanted: got is wanted,
        what=what,
    )


def _updates(values: np.ndarray) -> list[Any]:
    return for_one([("update", float(value)) for value in values])


def _errors(case: Case, *parts: tuple[int, float]) -> np.ndarray:
    """Stretches of values around their means; none is repeated."""
    means = np.concatenate([np.full(n, mean) for n, mean in parts])
    return np.round(means + case.rng.normal(0, 0.15, len(means)), 6)


@check(
    "PageHinkley",
    "alarms are raised exactly where the test raises them",
    advice="Per value: the mean first, x included; then sum += x - mean - delta; then the minimum. "
    "Alarm where sum - minimum > threshold. After an alarm all four start from nothing.",
    core=True,
    weight=2.0,
    seeds=(3, 2),
)
def drift_alarms(case: Case) -> None:
    values = _errors(case, (60, 0.3), (60, 0.7), (50, 1.3), (30, 0.4))
    delta, threshold = (float(np.round(case.rng.uniform(*b), 3)) for b in ((0.01, 0.06), (2, 4)))
    what = "Alarms are raised elsewhere, or not at all."
    _judge(case, [[delta, threshold]], _updates(values), what)
    missed = (case.rng.random(160) < np.repeat((0.2, 0.8), 80)).astype(float)
    _judge(case, [[delta, threshold, 10]], _updates(missed), what)


@check(
    "PageHinkley",
    "an error that falls never raises an alarm",
    advice="Look at one side only: how far the sum has climbed above its minimum. Do not take "
    "absolute values.",
    core=True,
    seeds=(1, 1),
)
def drift_improvement(case: Case) -> None:
    falling = _errors(case, (60, 1.5), (60, 0.6), (40, 0.1))
    _judge(case, [[0.05, 3.0]], _updates(falling), "A falling error raised an alarm.")
    recovered = _errors(case, (50, 1.2), (50, 0.2), (40, 0.9))
    _judge(case, [[0.05, 3.0]], _updates(recovered), "Alarms are raised elsewhere.")


@check(
    "PageHinkley",
    "no alarm before min_instances values, since the start or the last alarm",
    advice="Count the values, put the count back to 0 on an alarm, and ask for at least "
    "min_instances (30 if nothing is said) before you return True.",
    seeds=(2, 1),
)
def drift_waits(case: Case) -> None:
    jump = _errors(case, (4, 0.1), (90, 2.0))
    jump[60:] += np.linspace(0, 6, 34).round(3)
    what = "An alarm came too early, or too late."
    _judge(case, [[0.01, 0.5]], _updates(jump), what)
    few = int(case.rng.integers(12, 22))
    _judge(case, [[0.01, 0.5, few]], _updates(jump), what)


@check(
    "PageHinkley",
    "two detectors share nothing",
    advice="Keep all state in `self`.",
    weight=0.5,
    seeds=(1, 0),
)
def drift_shares_nothing(case: Case) -> None:
    values = _errors(case, (40, 0.3), (40, 1.0))
    operations = [(at % 2, "update", float(value)) for at, value in enumerate(np.repeat(values, 2))]
    operations = [(n, name, x if n == 0 else 2 - x) for n, name, x in operations]
    what = "One detector's values count in another one."
    _judge(case, [[0.02, 1.5, 10], [0.02, 1.5, 10]], operations, what)
