"""Checks of the two views: whole weeks, disjoint, of allowed sizes, and really random."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check

# With chances of one in ten, as the contract asks, none of a few dozen events is missed in as many
# calls but with a chance below one in ten million.
ENOUGH_CALLS = 180


def _household(case: Case, n_active: int, n_events: int) -> np.ndarray:
    """Weeks of a household's events in random order; n_active different ones."""
    active = np.sort(case.rng.choice(np.arange(1, 54), n_active, replace=False))
    more = case.rng.choice(active, n_events - n_active)
    return case.rng.permutation(np.concatenate([active, more]))


def _views(case: Case, weeks: np.ndarray, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """The weeks of the two views that the submission makes, which are well-formed."""
    return _weeks_of(case, case.call(weeks, low, high, case.fresh_rng()), weeks, low, high)


def _weeks_of(
    case: Case, returned: Any, weeks: np.ndarray, low: int, high: int
) -> tuple[np.ndarray, np.ndarray]:
    masks = case.pair(returned, "the masks of the two views")
    chosen = []
    for name, value in zip(("mask_a", "mask_b"), masks, strict=True):
        mask = case.array(value, name, shape=(len(weeks),), kinds="b")
        inside = np.unique(weeks[mask])
        if np.isin(weeks[~mask], inside).any():
            ordered = np.sort(weeks)
            out_of_step = not np.isin(ordered[~mask], ordered[mask]).any()
            n_split = len(np.intersect1d(weeks[~mask], inside))
            case.fail(
                f"{name} holds some events of a week and leaves out others of the same week. A "
                "view consists of whole weeks.",
                misconception="single_events" if n_split > 1 and not out_of_step else None,
            )
        chosen.append(inside)
    both = np.intersect1d(chosen[0], chosen[1])
    if len(both):
        case.fail(
            "The two views share weeks.",
            expected="no week in both",
            got=f"{len(both)} in both",
            misconception="overlapping_views",
        )
    for name, inside in zip(("mask_a", "mask_b"), chosen, strict=True):
        if not low <= len(inside) <= high:
            case.fail(
                f"{name} holds {len(inside)} active weeks.", expected=f"{low} to {high} weeks"
            )
    return chosen[0], chosen[1]


@check(
    "two_views",
    "two disjoint sets of whole active weeks, each of an allowed size",
    advice="Shuffle the distinct weeks; the first few are view a, the next few view b; then "
    "`np.isin(weeks, chosen)`.",
    core=True,
    seeds=(1, 1),
)
def views_are_disjoint_weeks(case: Case) -> None:
    for n_active, low, high in ((12, 2, 5), (9, 4, 4), (8, 4, 7), (7, 1, 40), (2, 1, 1)):
        weeks = _household(case, n_active, 6 * n_active)
        for _ in range(4):
            _views(case, weeks, low, high)


@check(
    "two_views",
    "every active week can come into either view, and every size can come up",
    advice="Draw both sizes with `rng.integers(low, high + 1)`, whose upper end is left out, and "
    "shuffle *all* active weeks before you split them.",
    core=True,
    seeds=(1, 0),
)
def views_reach_everything(case: Case) -> None:
    low, high = 2, 4
    weeks = _household(case, 2 * high, 20)
    seen: tuple[set[int], set[int]] = (set(), set())
    sizes: tuple[set[int], set[int]] = (set(), set())
    for _ in range(ENOUGH_CALLS):
        for view, inside in enumerate(_views(case, weeks, low, high)):
            seen[view].update(inside.tolist())
            sizes[view].add(len(inside))
    for name, entered, found in zip("ab", seen, sizes, strict=True):
        missing = sorted(set(weeks.tolist()) - entered)
        if missing:
            case.fail(
                f"In {ENOUGH_CALLS} calls, {len(missing)} of {2 * high} active weeks never came "
                f"into view {name}."
            )
        lacking = sorted(set(range(low, high + 1)) - found)
        if lacking:
            case.fail(
                f"In {ENOUGH_CALLS} calls, view {name} never had {lacking[0]} weeks, with "
                f"min_weeks = {low}, max_weeks = {high} and {2 * high} active weeks."
            )


@check(
    "two_views",
    "weeks and global random state are left alone",
    advice="`rng.shuffle(weeks)` changes the caller's array; `rng.permutation` returns a new one. "
    "Draw from the `rng` that you are handed.",
    weight=0.5,
    seeds=(1, 0),
)
def views_leave_alone(case: Case) -> None:
    case.leaves_alone(_household(case, 12, 40), 2, 5, case.fresh_rng())


@check(
    "two_views",
    "the same state of rng gives the same views, another state others",
    advice="Draw with `rng` only; do not call `np.random.seed` or make a generator of your own.",
    weight=0.5,
    seeds=(1, 0),
)
def views_follow_rng(case: Case) -> None:
    weeks = _household(case, 40, 120)
    case.follows_rng(
        weeks,
        8,
        16,
        case.fresh_rng(),
        read=lambda returned: _weeks_of(case, returned, weeks, 8, 16),
        same=lambda left, right: all(map(np.array_equal, left, right)),
    )


@check(
    "two_views",
    "views that cannot be made are refused",
    advice="Count *distinct* weeks, and raise ValueError with a sentence before you draw.",
    weight=0.5,
    seeds=(1, 0),
)
def views_refuse(case: Case) -> None:
    weeks = _household(case, 6, 60)
    case.refuses(weeks, 0, 3, case.fresh_rng(), why="min_weeks = 0")
    case.refuses(weeks, 3, 2, case.fresh_rng(), why="a max_weeks below min_weeks")
    case.refuses(weeks, 4, 5, case.fresh_rng(), why="6 active weeks for two views of 4 or more")
