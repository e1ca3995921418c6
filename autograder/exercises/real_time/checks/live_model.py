"""Checks of the gate: a live model on the year's baskets, beside counts without a sense of time."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import own, prop
from autograder.sandbox.wire import Handle

K = 20
SHARE_OF_HOUSEHOLDS = 0.25
MIN_RECALL_RATIO, MAX_COST_RATIO = 1.03, 2.0
N_ITEMS, TIMES_AS_MANY = 6_000, 10  # of the two catalogues


@cache
def the_stream() -> Any:
    from shelfspace.data.stream import load_stream

    return load_stream()


class Sample:
    """All baskets of a quarter of the households, and what counting without decay recalls there."""

    def __init__(self, seed: int) -> None:
        from shelfspace.data.stream import WARM_UP_DAYS

        self.stream = the_stream().sample(SHARE_OF_HOUSEHOLDS, np.random.default_rng(seed))
        self._is_judged = self.stream.time >= WARM_UP_DAYS

    def recall(self, hits: np.ndarray) -> float:
        """Mean recall@20 from week 9 on, for the hits of each basket."""
        sizes = np.minimum(np.diff(self.stream.offsets), K)
        return float((hits / sizes)[self._is_judged].mean())

    def recall_without_decay(self) -> float:
        from shelfspace.baselines.streaming import CountBlend

        model, hits = CountBlend(self.stream.n_items), np.zeros(len(self.stream))
        for at, household in enumerate(self.stream.household.tolist()):
            basket = self.stream.basket(at)
            hits[at] = len(set(model.predict(household, K).tolist()) & set(basket.tolist()))
            model.learn(household, basket)
        return self.recall(hits)


@lru_cache(4)
def sample(seed: int) -> tuple[Sample, float]:
    found = Sample(seed)
    return found, found.recall_without_decay()


def _answer(case: Case, answer: Any) -> set[int]:
    """The items of one answer."""
    if isinstance(answer, str):
        case.fail(
            "predict(time, household) must be a list or 1-D array of at most 20 distinct ints.",
            got=answer,
            category="wrong type",
        )
    return set(answer.tolist())


def _hits(case: Case, model: Handle, stream: Any) -> tuple[np.ndarray, float]:
    """How many items of each basket were foretold, and the share of baskets whose answer was also
    that for the basket before, of another household.

    A basket crosses to the submission only after its answer has come back.
    """
    player = case.stage(prop("Player"), model)
    hits, past, before, repeats = np.zeros(len(stream)), None, (None, None), 0
    for at, (time, household, items) in enumerate(stream.events()):
        answer = _answer(case, case.call_method(player, "step", past, time, household))
        hits[at] = len(answer & set(items))
        repeats += before[0] != household and before[1] == answer
        past, before = (time, household, items), (household, answer)
    return hits, repeats / len(stream)


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
    hits, share_alike = _hits(case, case.make(), found.stream)
    got = found.recall(hits)
    if got >= MIN_RECALL_RATIO * without_decay:
        return
    case.fail(
        "The model foretells baskets no better than counts that never fade.",
        expected=f"a recall@{K} of at least {MIN_RECALL_RATIO * without_decay:.4f}",
        got=f"{got:.4f}",
        misconception="same_for_all_households" if share_alike > 0.5 else _why_weak(case),
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
        case.call_method(player, "step", basket, basket[0], 0)
    return _answer(case, case.call_method(player, "step", None, 300.0, 0))


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
    "models share nothing, and a household that nobody knows gets twenty products, too",
    advice="Make the model's state in `live_model` or in `__init__`; where a household has no "
    "history, fill the list with what the shop sells.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_starts_from_nothing(case: Case) -> None:
    baskets = [(time, household, items) for time, household, items in baskets_of_few(case.rng, 60)]
    empty, player = (case.stage(prop("Player"), case.make()) for _ in range(2))
    past = None
    for basket in baskets:
        case.call_method(player, "step", past, *basket[:2])
        past = basket
    answer = _answer(case, case.call_method(player, "step", past, 95.0, 77_777))
    sold = {item for _, _, items in baskets for item in items}
    if len(answer) != K or not answer <= sold:
        case.fail(
            f"A household without a history must get {K} products that the model has learned of.",
            got=sorted(answer),
        )
    answer = _answer(case, case.call_method(empty, "step", (96.0, 5, [3, 8]), 97.0, 5))
    if answer != {3, 8}:
        shared = answer & sold
        case.fail(
            "A model that has learned of two products must answer with these two.",
            expected=[3, 8],
            got=sorted(answer),
            misconception="shared_state" if shared else None,
        )
