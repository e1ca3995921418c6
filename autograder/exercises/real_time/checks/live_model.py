"""Checks of the gate: a live model on the year's baskets, beside counts without a sense of time."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import own, prop
from autograder.sandbox.wire import Handle

K = 20
SHARE_OF_HOUSEHOLDS = 0.10
MIN_RECALL_RATIO, MAX_COST_RATIO = 1.02, 2.0
LONGEST_TURN = 100  # baskets: a day
N_ITEMS, TIMES_AS_MANY = 6_000, 10  # of the two catalogues


@cache
def the_stream() -> Any:
    from shelfspace.data.stream import load_stream

    return load_stream()


class Sample:
    """All baskets of a tenth of the households, in turns, and what counts without decay recall.

    In a turn, everybody is asked before any of its baskets is told. No household has two baskets
    in one: what a model knows of a household is always up to date.
    """

    def __init__(self, seed: int) -> None:
        from shelfspace.data.stream import WARM_UP_DAYS

        self.stream = the_stream().sample(SHARE_OF_HOUSEHOLDS, np.random.default_rng(seed))
        self.turns = _turns(self.stream.household.tolist())
        self._is_judged = self.stream.time >= WARM_UP_DAYS

    def recall(self, answers: np.ndarray) -> float:
        """Mean recall@20 from week 9 on of the (n, 20) answers, -1 where there are fewer."""
        sizes = np.diff(self.stream.offsets)
        n_items = self.stream.n_items
        bought = np.repeat(np.arange(len(sizes)), sizes) * n_items + self.stream.item
        known = (answers >= 0) & (answers < n_items)
        offered = np.arange(len(sizes))[:, None] * n_items + np.where(known, answers, 0)
        hits = (np.isin(offered, bought) & known).sum(1)
        return float((hits / np.minimum(sizes, K))[self._is_judged].mean())

    def baskets(self, first: int, last: int) -> tuple[np.ndarray, ...]:
        """Times, households, items, and where each basket ends in them."""
        stream = self.stream
        begin, ends = stream.offsets[first], stream.offsets[first + 1 : last + 1]
        items = stream.item[begin : ends[-1]]
        return stream.time[first:last], stream.household[first:last], items, ends - begin

    def recall_without_decay(self) -> float:
        from shelfspace.baselines.streaming import CountBlend

        model, answers = CountBlend(self.stream.n_items), np.full((len(self.stream), K), -1)
        household = self.stream.household.tolist()
        for first, last in self.turns:
            for at in range(first, last):
                ids = model.predict(household[at], K)
                answers[at, : len(ids)] = ids
            for at in range(first, last):
                model.learn(household[at], self.stream.basket(at))
        return self.recall(answers)


def _turns(household: list[int]) -> list[tuple[int, int]]:
    """First and last + 1 of runs of baskets in which no household comes twice."""
    turns, first = [], 0
    seen: set[int] = set()
    for at, one in enumerate(household):
        if one in seen or at - first == LONGEST_TURN:
            turns.append((first, at))
            first, seen = at, set()
        seen.add(one)
    return [*turns, (first, len(household))]


@lru_cache(4)
def sample(seed: int) -> tuple[Sample, float]:
    found = Sample(seed)
    return found, found.recall_without_decay()


def _answers(case: Case, answers: Any) -> np.ndarray:
    if isinstance(answers, str):
        case.fail(
            "predict(time, household) must be a list or 1-D array of at most 20 distinct ints.",
            got=answers,
            category="wrong type",
        )
    return answers


def _answer(case: Case, player: Handle, past: Any, time: float, household: int) -> set[int]:
    """What is offered to one household, after the model has learned one basket."""
    if past is not None:
        when, who, items = past
        columns = [np.array([when]), np.array([who]), np.array(items), np.array([len(items)])]
        past = [column if at == 0 else column.astype(np.int64) for at, column in enumerate(columns)]
    asked = np.array([time]), np.array([household])
    answer = _answers(case, case.call_method(player, "step", past, *asked))[0]
    return set(answer[answer >= 0].tolist())


def _play(case: Case, model: Handle, found: Sample) -> np.ndarray:
    """(n, 20) answers of a model. Baskets cross to it only after its answers have come back."""
    player = case.stage(prop("Player"), model)
    answers, past = [], None
    for first, last in found.turns:
        baskets = found.baskets(first, last)
        answers.append(_answers(case, case.call_method(player, "step", past, *baskets[:2])))
        past = baskets
    return np.concatenate(answers)


@check(
    "live_model",
    f"recall@{K} over the stream is at least {MIN_RECALL_RATIO:g} x that of counts without decay",
    advice="Begin with the household's own counts plus a weight times popularity, then let both "
    "fade: habits with a half-life of two or three months, popularity with one of a week.",
    core=True,
    weight=2.0,
)
def gate_recalls(case: Case) -> None:
    found, without_decay = sample(case.seed)
    answers = _play(case, case.make(), found)
    got = found.recall(answers)
    if got >= MIN_RECALL_RATIO * without_decay:
        return
    alike = (np.sort(answers[1:]) == np.sort(answers[:-1])).all(1).mean()
    case.fail(
        "The model foretells baskets no better than counts that never fade.",
        expected=f"a recall@{K} of at least {MIN_RECALL_RATIO * without_decay:.4f}",
        got=f"{got:.4f}",
        misconception="same_for_all_households" if alike > 0.5 else _why_weak(case),
    )


def _why_weak(case: Case) -> str | None:
    """The known reason why a model's sense of time does not help."""
    old, new = list(range(20)), list(range(100, 120))
    if _preferred(case, old, (1.0, 2.0, 3.0), new, (298.0, 299.0)) == set(old):
        return "no_decay"
    if _preferred(case, old, tuple(np.arange(0.0, 280.0, 27.0)), new, (299.0,)) == set(new):
        return "forgets_too_fast"
    return None


def _preferred(
    case: Case, old: list[int], then: tuple[float, ...], new: list[int], lately: tuple[float, ...]
) -> set[int]:
    """What a household is offered on day 300 that bought `old` and `new` items at these times,
    while others buy something else."""
    player = case.stage(prop("Player"), case.make())
    baskets = [(float(time), 0, old) for time in then]
    others = [(297.0, at, list(range(at * 1000, at * 1000 + 20))) for at in range(1, 200)]
    for basket in [*baskets, *others, *[(time, 0, new) for time in lately]]:
        _answer(case, player, basket, basket[0], 0)
    return _answer(case, player, None, 300.0, 0)


def baskets_of_few(rng: np.random.Generator, n: int) -> list[Any]:
    """Baskets of 40 households with habits, over thirty days, from a catalogue of N_ITEMS."""
    habits = rng.integers(N_ITEMS, size=(40, 150))
    times = np.sort(rng.uniform(60, 90, n)).tolist()
    baskets = []
    for time in times:
        household = int(rng.integers(40))
        items = np.unique(habits[household, rng.integers(150, size=9)])
        baskets.append((time, household, items.tolist()))
    return baskets


@check(
    "live_model",
    f"an event costs less than {MAX_COST_RATIO:g} x as much with ten times as many products",
    advice="Do not sort, copy or fade the catalogue. Only the items of a basket can rise among the "
    "leaders: keep some hundred of these, and offer them the items just bought.",
    core=True,
    seeds=(1, 0),
)
def gate_scales(case: Case) -> None:
    baskets = baskets_of_few(case.rng, 800)
    growth = case.read(
        prop("growth_of_events"), own(case), N_ITEMS, TIMES_AS_MANY, baskets, MAX_COST_RATIO
    )
    if case.number(growth, "A ratio of costs") >= MAX_COST_RATIO:
        case.fail(
            f"With {TIMES_AS_MANY * N_ITEMS:,} products instead of {N_ITEMS:,}, a basket takes "
            "much longer.",
            expected=f"less than {MAX_COST_RATIO:g} times the processor time",
            got=f"{growth:.1f} times",
            category="too slow",
            misconception="sorts_the_catalogue",
        )


@check(
    "live_model",
    "models share nothing, leave baskets alone, and have twenty products for a household that "
    "nobody knows",
    advice="Make the model's state in `live_model` or in `__init__`; where a household has no "
    "history, fill the list with what the shop sells.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_starts_from_nothing(case: Case) -> None:
    baskets = baskets_of_few(case.rng, 60)
    _, household, items = baskets[0]
    before = _offered_to_a_stranger(case, 50.0, household, items)
    empty, player = (case.stage(prop("Player"), case.make()) for _ in range(2))
    past = None
    for basket in baskets:
        _answer(case, player, past, *basket[:2])
        past = basket
    answer = _answer(case, player, past, 95.0, 77_777)
    sold = {item for _, _, items in baskets for item in items}
    if len(answer) != K or not answer <= sold:
        case.fail(
            f"A household without a history must get {K} products that the model has learned of.",
            got=sorted(answer),
        )
    answer = _answer(case, empty, (96.0, 5, [3, 8]), 97.0, 5)
    if answer != {3, 8}:
        shared = answer & sold
        case.fail(
            "A model that has learned of two products must answer with these two.",
            expected=[3, 8],
            got=sorted(answer),
            misconception="shared_state" if shared else None,
        )
    after = _offered_to_a_stranger(case, 106.0, household, items)
    if before != after:
        strange = after - before
        case.fail(
            "A fresh model answers differently after another model has learned.",
            expected=sorted(before),
            got=sorted(after),
            misconception="shared_state" if strange and strange <= set(items) else None,
        )
    if not case.call_method(player, "leaves_alone", 110.0, household, items):
        case.fail("learn(time, household, items) changed the caller's list of items.")


def _offered_to_a_stranger(case: Case, time: float, household: int, items: list[int]) -> set[int]:
    """What a fresh model offers to a household that it does not know.

    Others have bought the household's `items` and a thousand products once, and twenty twice.
    """
    player = case.stage(prop("Player"), case.make())
    often, others = (list(range(first, first + n)) for first, n in ((10**6, K), (10**7, 1000)))
    _answer(case, player, (time, 501, [*items, *often, *others]), time + 1, 502)
    return _answer(case, player, (time + 2, 502, often), time + 3, household)
