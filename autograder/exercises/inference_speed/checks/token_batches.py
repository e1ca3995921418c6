"""Checks of the batches: every text once, within the budget, and little padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.inference_speed.checks.saved import saved

MOST_PADDING, MOST_BATCHES = 1.15, 1.1


def _batches(case: Case, lengths: np.ndarray, budget: int, as_list: bool = False) -> list[Any]:
    """The batches that came back, well-formed, every position once, all within the budget."""
    returned = case.call(lengths.tolist() if as_list else lengths, budget)
    if not isinstance(returned, (list, tuple)):
        case.fail("Return a list of arrays.", got=type(returned).__name__, category="wrong type")
    batches = [
        case.array(batch, "Each batch", shape=(None,), kinds="iu", bounds=(0, len(lengths) - 1))
        for batch in returned
    ]
    if any(not len(batch) for batch in batches):
        case.fail("A batch is empty.", category="empty batch")
    _require_every_position_once(case, batches, lengths, budget)
    _require_within(case, [lengths[batch] for batch in batches], budget)
    return batches


def _require_every_position_once(
    case: Case, batches: list[np.ndarray], lengths: np.ndarray, budget: int
) -> None:
    n = len(lengths)
    times = np.bincount(np.concatenate([np.zeros(0, np.int64), *batches]), minlength=n)
    if (times > 1).any():
        case.fail(
            "A position stands in several batches, or twice in one.", got=f"{(times > 1).sum()}"
        )
    if (times == 0).any():
        too_long = (lengths[times == 0] > budget).all()
        case.fail(
            "Texts are in no batch.",
            expected=f"all {n} positions",
            got=f"{(times == 0).sum()} are missing",
            misconception="last_batch_dropped" if batches and not too_long else None,
        )


def _require_within(case: Case, batches: list[np.ndarray], budget: int) -> None:
    several = [lengths for lengths in batches if len(lengths) > 1]
    over = [lengths for lengths in several if len(lengths) * int(lengths.max()) > budget]
    if not over:
        return
    known = None
    if all(lengths.sum() <= budget for lengths in several):
        known = "budget_counts_real_tokens"
    elif sum(len(lengths) != budget for lengths in batches) <= 1:
        known = "budget_counts_texts"
    lengths = over[0]
    padded = len(lengths) * int(lengths.max())
    case.fail(
        "A batch exceeds the budget: it is padded to its longest text.",
        expected=f"at most {budget} padded tokens",
        got=f"{len(lengths)} texts of up to {lengths.max()} tokens: {padded}",
        misconception=known,
    )


@check(
    "token_batches",
    "every text is in one batch, and count x longest stays within the budget",
    advice="Before you add a text, ask what the batch would be padded to: (count + 1) x the "
    "longest length. Append the batch that is still open when the loop ends.",
    core=True,
    seeds=(4, 2),
)
def batches_within_the_budget(case: Case) -> None:
    n = int(case.rng.integers(40, 80))
    lengths = case.rng.integers(1, 41, n)
    lengths[:3] = 0, 150, 1
    lengths = case.rng.permutation(lengths)
    for budget in (120, 64, 41, 100_000):
        _batches(case, lengths, budget)


@check(
    "token_batches",
    f"on the shop's texts, at most {MOST_PADDING:g} padded tokens per real one, in few batches",
    advice="Sort by length first, so that neighbours in the sorted order share a batch, and fill "
    "each batch as far as the budget allows.",
    weight=1.5,
    core=True,
    seeds=(2, 1),
)
def batches_are_economical(case: Case) -> None:
    lengths = case.rng.permutation(saved()["lengths"])
    for budget, n_filled in saved()["n_batches"].tolist():
        batches = _batches(case, lengths, budget)
        padded = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
        if padded > MOST_PADDING * lengths.sum():
            case.fail(
                "Much of the batches is padding.",
                expected=f"at most {MOST_PADDING:g} padded tokens per real one",
                got=f"{padded / lengths.sum():.2f}",
                misconception="not_sorted" if _are_mixed(batches, lengths) else None,
            )
        most = MOST_BATCHES * n_filled + 1
        if len(batches) > most:
            case.fail(
                "There are too many batches: each call of a model has a price of its own.",
                expected=f"at most {most:.0f} for a budget of {budget}",
                got=str(len(batches)),
            )


def _are_mixed(batches: list[np.ndarray], lengths: np.ndarray) -> bool:
    """Whether most batches hold short texts beside long ones."""
    several = [lengths[batch] for batch in batches if len(batch) > 2]
    return bool(np.mean([part.min() < part.max() / 2 for part in several]) > 0.7)


@check(
    "token_batches",
    "no text gives no batch; a list serves; a text longer than the budget stands alone",
    advice="`np.asarray(lengths, dtype=np.int64)` takes lists, empty ones too. Give a batch at "
    "least one text.",
    weight=0.5,
    seeds=(1, 0),
)
def batches_at_the_edges(case: Case) -> None:
    if _batches(case, np.zeros(0, np.int64), 10):
        case.fail("Without texts there is no batch.", expected="an empty list")
    _batches(case, np.array([7, 3, 9, 3, 1]), 9, as_list=True)
    _batches(case, np.array([30, 20, 40, 5]), 1)
    _batches(case, np.zeros(4, np.int64), 1)


@check(
    "token_batches",
    "a budget below 1 and negative lengths are refused, and lengths left alone",
    advice="Look at both before anything else, and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def batches_refuse(case: Case) -> None:
    lengths = np.array([4, 9, 2, 7])
    case.refuses(lengths, 0, why="a budget of 0")
    case.refuses(lengths, -5, why="a negative budget")
    case.refuses(np.array([4, -1, 2]), 10, why="a negative length")
    case.leaves_alone(lengths, 12)
    case.leaves_alone(lengths.tolist(), 12)
