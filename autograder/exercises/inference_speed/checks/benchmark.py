"""Checks of the benchmark: its clock stands still, except where the script of a call moves it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Remote

CALL, CLOCK = 1, 2
KEYS = ("p50", "p95", "p99", "throughput")


class Script:
    """A call that takes the next scripted duration, and the clock that shows it."""

    def __init__(self, durations: list[float], start: float, tick: float = 0.0) -> None:
        self.durations, self.now, self.count, self.tick = durations, start, 0, tick
        self.remotes = {CALL: self._call, CLOCK: self._read}

    def _read(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> float:
        now, self.now = self.now, self.now + self.tick
        return now

    def _call(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        if self.count < len(self.durations):
            self.now += self.durations[self.count]
        self.count += 1


def _durations(case: Case, n: int) -> np.ndarray:
    """Durations in eighths of a unit, which add up exactly; few are long."""
    short = case.rng.integers(40, 120, n)
    short[: max(1, n // 12)] += case.rng.integers(400, 4000, max(1, n // 12))
    return case.rng.permutation(short) / 8


def _result(
    case: Case, warm: np.ndarray, durations: np.ndarray, whole: bool = False, tick: float = 0.0
) -> Any:
    """The four numbers that came back, as floats; throughput may be infinite.

    Reading the clock takes a `tick`.
    """
    script = [*warm.tolist(), *durations.tolist()]
    script = [int(8 * item) for item in script] if whole else script
    # seconds since 1970, in eighths: more digits than single precision holds
    run = Script(script, int(case.rng.integers(1000)) if whole else 1_700_000_000.25, tick)
    args = Remote(CALL), Remote(CLOCK), len(warm), len(durations)
    returned = case.call(*args, remotes=run.remotes)
    if not isinstance(returned, dict) or set(returned) != set(KEYS):
        case.fail(
            "Return a dict with the keys p50, p95, p99 and throughput.",
            got=", ".join(map(str, returned)) if isinstance(returned, dict) else str(returned),
            category="wrong type",
        )
    if run.count != len(script):
        case.fail(
            "`call` must be called warmup + repeats times.",
            expected=str(len(script)),
            got=str(run.count),
        )
    for name, value in returned.items():
        if value != math.inf or name != "throughput":
            case.number(value, name)
    return returned


def _same(got: float, wanted: float) -> bool:
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9)


def _between(durations: np.ndarray, percent: float) -> tuple[float, float, float]:
    """The sorted durations below and above a percentile's position, and how far it lies between."""
    place = percent / 100 * (len(durations) - 1)
    below = min(int(place), len(durations) - 2)
    low, high = np.sort(durations)[below : below + 2]
    return float(low), float(high), place - below


def _require_percentiles(
    case: Case, got: dict[str, float], warm: np.ndarray, durations: np.ndarray
) -> None:
    if not all(_may_be_measured(got[f"p{each}"], each, durations) for each in (50, 95, 99)):
        case.ruled_out.add("no_interpolation")
    for percent in (50, 95, 99):
        low, high, part = _between(durations, percent)
        value = got[f"p{percent}"]
        if not _same(value, low + part * (high - low)):
            case.fail(
                f"p{percent} is wrong.",
                expected=low + part * (high - low),
                got=value,
                misconception=_why(case, value, percent, warm, durations),
            )


def _may_be_measured(value: float, percent: int, durations: np.ndarray) -> bool:
    """Whether it is right, or the duration on one side of the percentile's position."""
    low, high, part = _between(durations, percent)
    return any(_same(value, known) for known in (low, high, low + part * (high - low)))


def _why(
    case: Case, value: float, percent: int, warm: np.ndarray, durations: np.ndarray
) -> str | None:
    with_warm = np.concatenate([warm, durations])
    warm_low, warm_high, part = _between(with_warm, percent)
    if _same(value, durations.mean()):
        return "mean_for_percentile"
    if _same(value, warm_low + part * (warm_high - warm_low)):
        return "warm_up_counted"
    return None if "no_interpolation" in case.ruled_out else "no_interpolation"


def _require_throughput(
    case: Case, got: float, warm: np.ndarray, durations: np.ndarray, wanted: float
) -> None:
    if got == wanted or _same(got, wanted):
        return
    n, total = len(durations), durations.sum()
    known = {
        (n + len(warm)) / (total + warm.sum()): "warm_up_counted",
        n / (total + warm.sum()): "warm_up_counted",
        1 / np.median(durations): "throughput_of_the_median",
        np.mean(1 / durations): "throughput_of_the_median",
    }
    names = [name for value, name in known.items() if _same(got, value)]
    case.fail(
        "throughput is wrong: repeats divided by the sum of the measured durations.",
        expected=wanted,
        got=got,
        misconception=names[0] if names else None,
    )


@check(
    "benchmark",
    "percentiles of the measured durations, by linear interpolation",
    advice="`np.percentile(durations, [50, 95, 99])` of the durations after the warm-up.",
    weight=2.0,
    core=True,
    seeds=(3, 2),
)
def percentiles_of_durations(case: Case) -> None:
    for n in (28, 61, 110):
        warm, durations = case.rng.integers(2000, 9000, 5) / 8, _durations(case, n)
        got = _result(case, warm, durations)
        _require_percentiles(case, got, warm, durations)


@check(
    "benchmark",
    "throughput is repeats over the sum of the measured durations",
    advice="Sum the durations of the measured calls only, and divide their number by that.",
    core=True,
    seeds=(2, 1),
)
def throughput_of_calls(case: Case) -> None:
    warm, durations = case.rng.integers(2000, 9000, 4) / 8, _durations(case, 40)
    # what passes between two calls is in no duration: a clock that takes time itself shows it
    for tick in (0.0, 0.5):
        got = _result(case, warm, durations, tick=tick)["throughput"]
        wanted = 40 / (durations + tick).sum()
        _require_throughput(case, got, warm + tick, durations + tick, wanted)


@check(
    "benchmark",
    "no warm-up, one repeat, a clock of whole numbers, and calls that take no time",
    advice="Where the durations sum to 0, throughput is `float('inf')`.",
    weight=0.5,
    seeds=(1, 1),
)
def benchmark_at_the_edges(case: Case) -> None:
    none = np.zeros(0)
    durations = _durations(case, 30)
    got = _result(case, none, durations)
    _require_percentiles(case, got, none, durations)
    got = _result(case, none, np.array([3.5]))
    if not all(_same(got[key], 3.5) for key in KEYS[:3]) or not _same(got["throughput"], 1 / 3.5):
        case.fail("With one repeat all percentiles are its duration.", got=str(got))
    got = _result(case, np.array([2.0]), np.zeros(4))
    if any(got[key] != 0 for key in KEYS[:3]) or got["throughput"] != math.inf:
        case.fail("Where no time passes, percentiles are 0 and throughput inf.", got=str(got))
    got = _result(case, np.array([9.0]), durations, whole=True)
    _require_percentiles(case, got, np.array([72.0]), 8 * durations)


@check(
    "benchmark",
    "fewer than one repeat is refused",
    advice="Look at repeats first, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def benchmark_refuses(case: Case) -> None:
    for repeats in (0, -2):
        run = Script([1.0] * 3, 0.0)
        args = Remote(CALL), Remote(CLOCK), 1, repeats
        case.refuses(*args, why=f"repeats = {repeats}", remotes=run.remotes)
