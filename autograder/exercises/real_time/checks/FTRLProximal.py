"""Checks of FTRL-Proximal: predictions and weights are the paper's, to nine digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.real_time.checks.parts import for_one, judge_outcomes, own, prop

ASKED = frozenset({"predict", "weight"})
_near = close(rtol=1e-9, atol=1e-10)
Example = tuple[list[int], int]


def _same_weight(got: float, wanted: float) -> bool:
    return got == 0 if wanted == 0 else _near(got, wanted)


def _judge(
    case: Case,
    arguments: list[list[float]],
    operations: list[Any],
    what: str,
    same: Callable[[Any, Any], bool] = _near,
) -> None:
    def well_formed(method: str, result: Any) -> float:
        number = case.number(result, f"{method}(...)")
        if method == "predict" and not 0 <= number <= 1:
            case.fail("A probability must lie between 0 and 1.", got=number, category="bounds")
        return number

    judge_outcomes(
        case,
        arguments,
        operations,
        ASKED,
        well_formed=well_formed,
        close=same,
        what=what,
    )


def _examples(case: Case, n: int, n_features: int = 25) -> list[Example]:
    """Labels that depend on the features, of which some are rare."""
    odds = case.rng.normal(size=n_features)
    share = 1 / np.arange(1, n_features + 1)
    found = []
    for _ in range(n):
        size = int(case.rng.integers(2, 6))
        present = case.rng.choice(n_features, size, replace=False, p=share / share.sum())
        p = 1 / (1 + np.exp(-odds[present].sum()))
        found.append((present.tolist(), int(case.rng.random() < p)))
    return found


def _penalties(case: Case) -> list[float]:
    """alpha, beta, l1 and l2; some rare features stay at 0."""
    alpha, beta, l1, l2 = case.rng.uniform((0.2, 0.5, 0.3, 0.5), (0.8, 1.5, 0.8, 2.0))
    return [float(np.round(value, 3)) for value in (alpha, beta, l1, l2)]


def _lessons(examples: list[Example], show_last: int) -> list[tuple[Any, ...]]:
    """Learn all examples; before the last ones, and the first ten, ask for a prediction."""
    operations: list[tuple[Any, ...]] = []
    for at, (present, label) in enumerate(examples):
        if at < 10 or at >= len(examples) - show_last:
            operations.append(("predict", present))
        operations.append(("learn", present, label))
    return operations


@check(
    "FTRLProximal",
    "predictions are those of algorithm 1, to nine digits",
    advice="Follow the formulas line by line: p and w from the z and n of before; sigma from n "
    "before and after; then z; then n. Features that are not present stay as they are.",
    core=True,
    weight=3.0,
    seeds=(3, 2),
)
def ftrl_predicts(case: Case) -> None:
    arguments = [_penalties(case)]
    operations = for_one(_lessons(_examples(case, 250), 12))
    _judge(case, arguments, operations, "A prediction is another than the algorithm's.")


@check(
    "FTRLProximal",
    "weights are the algorithm's, and exactly 0 where L1 holds them there",
    advice="The weight is 0.0 where abs(z) <= l1, and else -(z - sign(z) * l1) / ((beta + sqrt(n)) "
    "/ alpha + l2). An index never seen has weight 0.0.",
    core=True,
    seeds=(2, 2),
)
def ftrl_weights(case: Case) -> None:
    examples = _examples(case, 120)
    learned: list[tuple[Any, ...]] = [("learn", *example) for example in examples]
    asked = [("weight", index) for index in range(27)]
    what = "A weight is another than the algorithm's."
    _judge(case, [_penalties(case)], for_one(learned + asked), what, _same_weight)
    free = [*_penalties(case)[:2], 0.0, 0.0]
    _judge(case, [free], for_one(learned[:40] + asked[:8]), what, _same_weight)
    strict = [*_penalties(case)[:2], 50.0, 1.0]
    _judge(case, [strict], for_one(learned + asked[:8]), what, _same_weight)


@check(
    "FTRLProximal",
    "indices come as lists and arrays, up to 2**31 - 1, and a repeated one counts once",
    advice="Keep z and n in dicts, with plain ints as keys, and go over the distinct indices: "
    "`dict.fromkeys(np.asarray(indices).tolist())`.",
    seeds=(1, 1),
)
def ftrl_indices(case: Case) -> None:
    # some differ in a high bit alone: a table of any size below would take them for one
    large = case.rng.choice(2**30, 6, replace=False)
    names = np.unique(np.concatenate([large, *(large + 2**bit for bit in (16, 22, 30))]))
    names = case.rng.permutation(np.append(names, 2**31 - 1))
    operations: list[tuple[Any, ...]] = [("predict", []), ("learn", [], 1)]
    for present, label in _examples(case, 40, len(names)):
        chosen = names[present]
        repeated = np.append(chosen, chosen[: int(case.rng.integers(0, 3))])
        form = [chosen, repeated, repeated.tolist()][int(case.rng.integers(3))]
        operations += [("predict", form), ("learn", form, label)]
    operations += [("weight", int(name)) for name in names[:5]]
    _judge(case, [_penalties(case)], for_one(operations), "A prediction or weight is wrong.")
    if not case.read(prop("indices_stay"), own(case), _penalties(case), names[:4]):
        case.fail("Your class changed the indices that it was given.", category="changed its input")


@check(
    "FTRLProximal",
    "large margins neither overflow nor give NaN",
    advice="Choose the form of the sigmoid by the margin's sign, so that `exp` only sees numbers "
    "of at most 0.",
    seeds=(1, 1),
)
def ftrl_is_stable(case: Case) -> None:
    many = case.rng.permutation(60).tolist()
    operations: list[tuple[Any, ...]] = []
    for label, present in ((1, many[:30]), (0, many[30:]), (1, many[30:]), (0, many[:30])):
        operations += [("predict", present), ("learn", present, label), ("predict", present)]
    _judge(case, [[2000.0, 1.0, 0.0, 0.0]], for_one(operations), "A large margin goes wrong.")


@check(
    "FTRLProximal",
    "asking teaches nothing, and two models share nothing",
    advice="`predict` and `weight` only read. Make the dicts in `__init__`, not in the class body.",
    seeds=(1, 0),
)
def ftrl_only_learns_when_told(case: Case) -> None:
    operations: list[Any] = []
    for at, (present, label) in enumerate(_examples(case, 30, 8)):
        number = at % 2
        operations += [(number, "learn", present, label)]
        operations += [(other, "predict", present) for other in (0, 1, 0) if at >= 25]
        operations += [(number, "weight", 500 + at)]
    what = "Models that learn side by side, and are asked in between, go wrong."
    _judge(case, [_penalties(case), _penalties(case)], operations, what)
