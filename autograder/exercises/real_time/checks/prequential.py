"""Checks of prequential evaluation: a spy model sees who is asked what, and when."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import own, prop
from autograder.sandbox.wire import Remote

MODEL, SCORE, NOTE = 1, 2, 3
Event = tuple[float, int, list[int]]


class Spy:
    """A model, a score and a source of events that write down each use: (what, event's number).

    Every event has its own x and y, so that what was handed over tells which one it was.
    """

    def __init__(self, case: Case, events: list[Event]) -> None:
        self.log: list[tuple[str, int]] = []
        self.peeks = False
        self._case = case
        self._number = {x: at for at, (_, x, _) in enumerate(events)}
        self._events = events
        self._predictions = np.round(case.rng.uniform(0, 1, len(events)), 6).tolist()
        if events:  # a model that is right has something to learn, too
            self._predictions[1] = list(events[1][2])
        self.scores = np.round(case.rng.uniform(0, 1, len(events)), 6).tolist()
        if events:  # and one that is all right, and one that is all wrong
            self.scores[1:3] = [1.0, 0.0]

    @property
    def remotes(self) -> dict[int, Any]:
        return {MODEL: self._model, SCORE: self._score, NOTE: self._note}

    def _model(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        wanted = 2 if method == "predict" else 3
        given = [*args, *kwargs.values()]
        if method == "predict" and any(self._holds_y(arg) for arg in given):
            self.peeks = True
        if len(given) != wanted and not self.peeks:
            self._case.fail(
                "Call model.predict(time, x) and model.learn(time, x, y).",
                got=f"model.{method} with {len(given)} arguments",
                category="wrong call",
            )
        number = self._number.get(given[1], -1) if _is_number(given[1:2]) else -1
        if self.peeks:
            number = max(number, 0)
        if number < 0:
            self._case.fail(f"model.{method} was called with another x than an event's.")
        event = list(self._events[number][:wanted])
        if not self.peeks and [given[0], given[1], *map(_as_list, given[2:])] != event:
            self._case.fail(
                f"model.{method} was called with parts of different events.",
                expected=event,
                got=given,
                category="wrong call",
            )
        self.log.append((method, number))
        return self._predictions[number] if method == "predict" else None

    def _holds_y(self, arg: Any) -> bool:
        return isinstance(arg, (list, tuple, np.ndarray))

    def _score(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> float:
        given = [*args, *kwargs.values()]
        known = {tuple(y): at for at, (_, _, y) in enumerate(self._events)}
        fits = len(given) == 2
        number = known.get(tuple(_as_list(given[1])), -1) if fits else -1
        if number < 0 or given[0] != self._predictions[number]:
            self._case.fail(
                "Call score(prediction, y) with the model's prediction of that event.",
                got=given,
                category="wrong call",
            )
        self.log.append(("score", number))
        return self.scores[number]

    def _note(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        self.log.append(("take", int(args[0])))


def _is_number(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], (int, float))


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _events(case: Case, n: int) -> list[Event]:
    """Baskets with some equal times; households and first items come in no particular order."""
    times = np.sort(case.rng.integers(0, 2 * n, n) / 4).tolist()
    times[4] = times[3]
    households = case.rng.permutation(1000)[:n].tolist()
    firsts = case.rng.permutation(9000)[:n].tolist()
    return [
        (time, household, [first, *case.rng.integers(9000, 9999, 2).tolist()])
        for time, household, first in zip(times, households, firsts, strict=True)
    ]


def _run(case: Case, spy: Spy, events: list[Event], generator: bool) -> Any:
    model, score = Remote(MODEL, ("predict", "learn")), Remote(SCORE)
    if not generator:
        return case.call(events, model, score, remotes=spy.remotes)
    staged = case.stage(
        prop("as_generator"), own(case), events, model, score, Remote(NOTE), remotes=spy.remotes
    )
    return case.read(prop("itself"), staged)


def _judge_order(case: Case, spy: Spy, n: int, generator: bool) -> None:
    """Each event is taken, predicted, scored and learned, and only then comes the next."""
    steps = ("take", "predict", "score", "learn") if generator else ("predict", "score", "learn")
    wanted = [(step, number) for number in range(n) for step in steps]
    if spy.peeks:
        case.fail(
            "model.predict was handed y, which it is to predict.", misconception="y_to_predict"
        )
    if spy.log == wanted:
        return
    first = next(
        (at for at, (is_, should) in enumerate(zip(spy.log, wanted)) if is_ != should),  # noqa: B905
        min(len(spy.log), len(wanted)),
    )
    case.fail(
        "The steps come in another order (shown: step and number of the event).",
        expected=wanted[max(first - 2, 0) : first + 2],
        got=spy.log[max(first - 2, 0) : first + 2],
        category="wrong order of steps",
        misconception=_why_disordered(spy.log, n),
    )


def _why_disordered(log: list[tuple[str, int]], n: int) -> str | None:
    """The known reason for a wrong order of steps."""
    place = {entry: at for at, entry in reversed(list(enumerate(log)))}

    def all_before(one: str, other: str, shift: int = 0) -> bool:
        pairs = [((one, i + shift), (other, i)) for i in range(n - shift)]
        return all(a in place and b in place and place[a] < place[b] for a, b in pairs)

    if not any(step == "learn" for step, _ in log):
        return "never_learns"
    order = [number for step, number in log if step == "predict"]
    if sorted(order) == list(range(n)) and order != sorted(order):
        return "order_lost"
    if all_before("learn", "predict"):
        return "learns_before_predicting"
    if n > 1 and all_before("predict", "learn", shift=1):
        return "learns_at_the_end"
    if n > 1 and all_before("take", "predict", shift=1):
        return "reads_ahead"
    return "scores_after_learning" if all_before("learn", "score") else None


def _judge_scores(case: Case, returned: Any, wanted: list[float]) -> None:
    if not isinstance(returned, list):
        case.fail("Return a list of floats.", got=type(returned).__name__, category="wrong type")
    got = [case.number(one, "A score") for one in returned]
    if len(got) != len(wanted) or not np.allclose(got, wanted, rtol=0, atol=1e-12):
        case.fail("The scores are others than `score` returned.", expected=wanted, got=got)


@check(
    "prequential",
    "every event is predicted, scored and learned before the next one",
    advice="One loop, three lines: prediction = model.predict(time, x); score(prediction, y); "
    "model.learn(time, x, y). In that order, for every event.",
    core=True,
    weight=2.0,
    seeds=(2, 1),
)
def prequential_order(case: Case) -> None:
    events = _events(case, 8)
    spy = Spy(case, events)
    returned = _run(case, spy, events, generator=False)
    _judge_order(case, spy, len(events), generator=False)
    _judge_scores(case, returned, spy.scores)


@check(
    "prequential",
    "events may come one by one, from a generator",
    advice="Go over the events with a single `for` loop: no list(), no sorting, no second pass.",
    core=True,
    seeds=(1, 1),
)
def prequential_generator(case: Case) -> None:
    events = _events(case, 8)
    spy = Spy(case, events)
    returned = _run(case, spy, events, generator=True)
    _judge_order(case, spy, len(events), generator=True)
    _judge_scores(case, returned, spy.scores)


@check(
    "prequential",
    "time that runs backwards is refused, before the model is asked",
    advice="Compare each time with the one before it, and raise ValueError before you call "
    "predict. Equal times are fine.",
    seeds=(1, 1),
)
def prequential_backwards(case: Case) -> None:
    events = _events(case, 8)
    at = int(case.rng.integers(2, 7))
    events[at] = (events[at - 1][0] - 0.125, *events[at][1:])
    spy = Spy(case, events)
    model, score = Remote(MODEL, ("predict", "learn")), Remote(SCORE)
    why = "an event that is earlier than the one before it"
    case.refuses(events, model, score, remotes=spy.remotes, why=why)
    if ("predict", at) in spy.log:
        case.fail(
            "The model was asked about the event that is out of order, and then it was refused."
        )


@check(
    "prequential",
    "no events, no scores; and the events are left alone",
    advice="Begin with an empty list and return it; change nothing that you are given.",
    weight=0.5,
    seeds=(1, 0),
)
def prequential_without_events(case: Case) -> None:
    spy = Spy(case, [])
    _judge_scores(case, _run(case, spy, [], generator=False), [])
    events = _events(case, 6)
    spy = Spy(case, events)
    model, score = Remote(MODEL, ("predict", "learn")), Remote(SCORE)
    case.leaves_alone(events, model, score, remotes=spy.remotes)
