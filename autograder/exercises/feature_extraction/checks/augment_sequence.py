"""Checks of crop, mask and reorder: what they keep, and how they are drawn."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Own
from autograder.statistics import looks_uniform

MASK = -1
KINDS = ("crop", "mask", "reorder")
# a place with a chance of one in seven is missed in as many draws once in ten million times
DRAWS = 120


def _sequence(case: Case, n: int) -> np.ndarray:
    """n different items in random order."""
    return case.rng.choice(np.arange(100, 1000), n, replace=False)


def _varied(case: Case, items: np.ndarray, kind: str, rate: float) -> np.ndarray:
    """What the submission makes of items, as a well-formed array."""
    returned = case.call(items, kind, rate, MASK, case.fresh_rng())
    varied = case.array(returned, "The result", shape=(None,), kinds=items.dtype.kind)
    if varied.dtype != items.dtype:
        case.fail(
            "The result must have the dtype of items.",
            expected=str(items.dtype),
            got=str(varied.dtype),
            category="wrong dtype",
        )
    return varied


def _length(items: np.ndarray, rate: float) -> int:
    return math.floor(rate * len(items))


def _require_length(case: Case, varied: np.ndarray, wanted: int, what: str) -> None:
    if len(varied) != wanted:
        case.fail(what, expected=f"{wanted} items", got=f"{len(varied)} items")


def _start(items: np.ndarray, stretch: np.ndarray) -> int:
    """Where the stretch begins in items, whose entries differ; -1 if it is not one of them."""
    start = int(np.argmax(items == stretch[0]))
    found = items[start : start + len(stretch)]
    return start if np.array_equal(found, stretch) else -1


def _cropped(case: Case, items: np.ndarray, rate: float) -> int:
    """The start of the stretch that a crop keeps."""
    varied, length = _varied(case, items, "crop", rate), max(1, _length(items, rate))
    if len(varied) != length:
        dropped = len(varied) == len(items) - length > length + 1 and _has_gap(case, items, rate)
        case.fail(
            f"A crop of {len(items)} items at rate {rate:g} keeps floor(rate * n), at least one.",
            expected=f"{length} items",
            got=f"{len(varied)} items",
            misconception="crop_drops" if dropped else None,
        )
    start = _start(items, varied)
    if start < 0:
        case.fail("A crop must be one contiguous stretch of items, in order.", got=varied)
    return start


def _has_gap(case: Case, items: np.ndarray, rate: float) -> bool:
    """Whether some crop is what is left when a stretch is taken out."""
    crops = [_varied(case, items, "crop", rate) for _ in range(6)]
    return any(len(crop) > 0 and _start(items, crop) < 0 for crop in crops)


def _masked(case: Case, items: np.ndarray, rate: float) -> np.ndarray:
    """The positions that a mask hides."""
    varied, length = _varied(case, items, "mask", rate), _length(items, rate)
    _require_length(case, varied, len(items), "A masked sequence is as long as it was.")
    hidden = varied == MASK
    if not np.array_equal(varied[~hidden], items[~hidden]):
        case.fail("An item that is not masked must stay what and where it was.", got=varied)
    if hidden.sum() != length:
        case.fail(
            f"Of {len(items)} items at rate {rate:g}, exactly floor(rate * n) are masked.",
            expected=f"{length} masked",
            got=f"{hidden.sum()} masked",
        )
    return np.flatnonzero(hidden)


def _reordered(case: Case, items: np.ndarray, rate: float) -> np.ndarray:
    """The positions at which a reordered sequence differs, all within one stretch."""
    varied, length = _varied(case, items, "reorder", rate), _length(items, rate)
    _require_length(case, varied, len(items), "A reordered sequence is as long as it was.")
    if not np.array_equal(np.sort(varied), np.sort(items)):
        case.fail("A reordered sequence must hold the same items.", got=varied)
    moved = np.flatnonzero(varied != items)
    if len(moved) and moved[-1] - moved[0] >= length:
        case.fail(
            "Reorder shuffles one contiguous stretch of floor(rate * n) items; here items further "
            "apart than that have moved.",
            expected=f"a stretch of {length}",
            got=f"moved items from position {moved[0]} to {moved[-1]}",
        )
    return moved


@check(
    "augment_sequence",
    "crop keeps one contiguous stretch of max(1, floor(rate * n)) items",
    advice="`start = rng.integers(n - length + 1)`, then `items[start : start + length].copy()`.",
    core=True,
    seeds=(1, 1),
)
def crop_keeps_a_stretch(case: Case) -> None:
    for n, rate in ((20, 0.25), (7, 0.5), (11, 0.75), (9, 1.0), (5, 0.0), (1, 0.5)):
        for _ in range(3):
            _cropped(case, _sequence(case, n), rate)


@check(
    "augment_sequence",
    "mask replaces exactly floor(rate * n) distinct positions",
    advice="`rng.choice(n, length, replace=False)` draws distinct positions.",
    core=True,
    seeds=(1, 1),
)
def mask_hides_exactly(case: Case) -> None:
    for n, rate in ((20, 0.25), (7, 0.5), (30, 0.75), (9, 1.0), (5, 0.0), (1, 0.5)):
        for _ in range(3):
            _masked(case, _sequence(case, n), rate)
            _masked(case, _sequence(case, n) % 3, rate)  # an item may come several times


@check(
    "augment_sequence",
    "reorder shuffles one contiguous stretch of floor(rate * n) items",
    advice="Choose a stretch as crop does, and put `rng.permutation` of it back to its place.",
    core=True,
    seeds=(1, 1),
)
def reorder_shuffles_a_stretch(case: Case) -> None:
    moved = 0
    for n, rate in ((40, 0.5), (31, 0.75), (24, 1.0), (5, 0.0), (7, 0.15), (1, 0.5)):
        moved += len(_reordered(case, _sequence(case, n), rate))
    if moved < 10:
        case.fail("Of long stretches that were to be shuffled, hardly an item has moved.")


@check(
    "augment_sequence",
    "starts, positions and orders are drawn uniformly",
    advice="There are n - length + 1 places for a stretch, and `rng.integers(high)` never gives "
    "`high` itself.",
    seeds=(1, 0),
)
def draws_are_uniform(case: Case) -> None:
    items = _sequence(case, 10)
    starts = Counter(_cropped(case, items, 0.4) for _ in range(2 * DRAWS))
    _require_uniform(case, [starts[place] for place in range(7)], "The start of a crop")
    masked = [_masked(case, items, 0.3) for _ in range(DRAWS)]
    if sum(np.ptp(places) == 2 for places in masked) > DRAWS // 2:
        case.fail("Masked positions are drawn one by one; here they are neighbours too often.")
    hidden = Counter(int(place) for places in masked for place in places)
    _require_uniform(case, [hidden[place] for place in range(10)], "A masked position")
    short = _sequence(case, 3)
    orders = Counter(tuple(_varied(case, short, "reorder", 1.0).tolist()) for _ in range(DRAWS))
    if len(orders) < 6:
        case.fail("Of three items that are reordered, some orders never came up.")
    _require_uniform(case, list(orders.values()), "The order of a shuffled stretch")
    swapped: Counter[int] = Counter()
    for _ in range(2 * DRAWS):
        moved = _reordered(case, items[:8], 0.25)
        swapped[int(moved[0]) if len(moved) else -1] += 1
    _require_uniform(
        case, [swapped[place] for place in range(7)], "The start of a reordered stretch"
    )
    if not 0.25 <= swapped[-1] / (2 * DRAWS) <= 0.75:
        case.fail("A reordered stretch of two items must be swapped in half of the calls.")


def _require_uniform(case: Case, counts: list[int], what: str) -> None:
    found = np.array(counts, float)
    if not found.all():
        case.fail(f"{what} is not uniform: in {found.sum():.0f} draws, a place never came up.")
    if not looks_uniform(found, np.full(len(found), found.mean())):
        case.fail(f"{what} is not uniform.", got=found)


@check(
    "augment_sequence",
    "the result is a new array, and the input stays as it was",
    advice="A slice shares the caller's memory. Copy first: `items.copy()`.",
    seeds=(1, 0),
)
def augment_copies(case: Case) -> None:
    for kind in KINDS:
        for rate in (0.5, 1.0, 0.0):
            items = _sequence(case, 12)
            changed, shares = case.read(
                case.prop("augments"),
                Own("augment_sequence"),
                items,
                kind,
                rate,
                MASK,
                case.fresh_rng(),
            )
            if changed:
                case.fail(
                    f'"{kind}" changed the caller\'s array.',
                    category="changed its input",
                    misconception="in_place",
                )
            if shares:
                case.fail(
                    f'"{kind}" at rate {rate:g} returned memory of its input: whoever changes the '
                    "result changes the original.",
                    misconception="shares_memory",
                )


@check(
    "augment_sequence",
    "dtypes are kept, and global random state is left alone",
    advice="`np.empty_like(items)` and `items.copy()` keep the dtype; draw from `rng` only.",
    weight=0.5,
    seeds=(1, 0),
)
def augment_keeps_dtype(case: Case) -> None:
    for kind in KINDS:
        for dtype in (np.int32, np.int16):
            _varied(case, _sequence(case, 9).astype(dtype), kind, 0.5)
        case.leaves_alone(_sequence(case, 9), kind, 0.5, MASK, case.fresh_rng())


@check(
    "augment_sequence",
    "the same state of rng gives the same sequence, another state another",
    advice="Draw with `rng` only; do not call `np.random.seed` or make a generator of your own.",
    weight=0.5,
    seeds=(1, 0),
)
def augment_follows_rng(case: Case) -> None:
    items = _sequence(case, 60)
    for kind in ("mask", "reorder"):
        case.follows_rng(
            items,
            kind,
            0.5,
            MASK,
            case.fresh_rng(),
            read=lambda value: case.array(value, "The result", shape=(60,), kinds="iu"),
            same=np.array_equal,
        )
    # a crop has too few starts for two of them to differ for sure
    rng = case.fresh_rng()
    if len({_start(items, case.call(items, "crop", 0.25, MASK, rng)) for _ in range(4)}) > 1:
        case.fail("Two crops with the same state of `rng` differ.", category="not reproducible")


@check(
    "augment_sequence",
    "an empty sequence, an unknown kind and a rate outside [0, 1] are refused",
    advice="Raise ValueError with a sentence before you draw anything.",
    weight=0.5,
    seeds=(1, 0),
)
def augment_refuses(case: Case) -> None:
    items = _sequence(case, 8)
    for kind in KINDS:
        case.refuses(items[:0], kind, 0.5, MASK, case.fresh_rng(), why="an empty sequence")
        for rate in (-0.25, 1.25):
            case.refuses(items, kind, rate, MASK, case.fresh_rng(), why=f"a rate of {rate:g}")
    case.refuses(items, "reverse", 0.5, MASK, case.fresh_rng(), why='the kind "reverse"')
