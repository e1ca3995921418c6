"""Checks of the counterfactual gap, with the judge's own model and intervention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Remote

Rows = Callable[[np.ndarray], np.ndarray]


class World:
    """A model and an intervention that the submission may call, and what it called them with."""

    PREDICT, INTERVENE = 1, 2

    def __init__(self, X: np.ndarray, predict: Rows, intervene: Rows) -> None:
        self.X, self.predict, self.intervene = X, predict, intervene
        self.changed = intervene(X)
        self.in_parts, self.problem = False, ""
        self.remotes: dict[int, Any] = {
            self.PREDICT: self._answer_predict,
            self.INTERVENE: self._answer_intervene,
        }

    @property
    def args(self) -> tuple[Remote, np.ndarray, Remote]:
        return Remote(self.PREDICT), self.X, Remote(self.INTERVENE)

    def _rows(self, args: list[Any], kwargs: dict[str, Any], what: str) -> np.ndarray:
        """The table that a call hands over; the judge's own where it is none."""
        value: Any = next(iter([*args, *kwargs.values()]), None)
        width = self.X.shape[1]
        is_table = isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f"
        if not is_table or value.shape[1] != width or len(value) > 4 * len(self.X):
            self.problem = f"`{what}` must be handed a table like X: (n, {width}) floats."
            return self.X
        self.in_parts |= len(value) < len(self.X)
        return np.asarray(value, float)

    def _answer_predict(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self.predict(self._rows(args, kwargs, "predict"))

    def _answer_intervene(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self.intervene(self._rows(args, kwargs, "intervene"))

    @property
    def change(self) -> np.ndarray:
        return self.predict(self.changed) - self.predict(self.X)


def _world(case: Case, n: int, predict: Callable[[np.ndarray], np.ndarray]) -> World:
    """Rows with an attribute in column 0, which moves column 1 too."""
    X = np.round(case.rng.normal(size=(n, 4)), 4)
    X[:, 0] = case.rng.integers(0, 2, n)

    def intervene(rows: np.ndarray) -> np.ndarray:
        other = rows.copy()
        other[:, 0] = 1 - rows[:, 0]
        other[:, 1] = rows[:, 1] + 0.8 * (1 - 2 * rows[:, 0]) + 0.1 * rows[:, 2]
        return other

    return World(X, predict, intervene)


def _require_gap(case: Case, world: World, what: str) -> None:
    returned = case.call(*world.args, remotes=world.remotes)
    got = case.number(returned, "The gap")
    if world.problem:
        case.fail(world.problem, category="wrong call")
    change = world.change
    expected = float(np.abs(change).mean())
    if abs(got - expected) <= 1e-6 * max(expected, 1.0):
        return
    known = {
        "changes_cancel": (abs(change.mean()), -abs(change.mean())),
        "squared_changes": (float((change**2).mean()), float(np.sqrt((change**2).mean()))),
    }
    name = next((name for name, values in known.items() if _is_one_of(got, values)), None)
    name = "rows_one_by_one" if world.in_parts else name
    case.fail(what, expected=expected, got=got, misconception=name)


def _is_one_of(got: float, values: tuple[float, ...]) -> bool:
    return any(abs(got - value) <= 1e-9 for value in values)


def _smooth(case: Case) -> Rows:
    weights = np.round(case.rng.uniform(0.3, 1.0, 4) * case.rng.choice([-1, 1], 4), 3)
    return lambda rows: 1 / (1 + np.exp(-rows @ weights))


@check(
    "counterfactual_gap",
    "the mean absolute change of the predictions",
    advice="np.mean(np.abs(predict(intervene(X)) - predict(X))), as a float.",
    core=True,
    seeds=(3, 1),
)
def gap_value(case: Case) -> None:
    world = _world(case, int(case.rng.integers(20, 40)), _smooth(case))
    _require_gap(case, world, "The mean absolute change is wrong.")


@check(
    "counterfactual_gap",
    "the model sees whole tables: it may rank or centre the rows that it is handed",
    advice="Call `predict` on all of X at once, and on all of intervene(X); do not loop over rows.",
    seeds=(2, 1),
)
def gap_of_a_ranking(case: Case) -> None:
    score = _smooth(case)

    def rank(rows: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(score(rows), kind="stable"), kind="stable") / len(rows)

    _require_gap(case, _world(case, 30, rank), "With a model that ranks, the gap is wrong.")


@check(
    "counterfactual_gap",
    "a model that the intervention does not move has a gap of 0; one row serves",
    advice="Nothing is divided or subtracted but the predictions themselves.",
    weight=0.5,
)
def gap_at_the_limits(case: Case) -> None:
    still = _world(case, 25, lambda rows: rows[:, 3] * 2.0)
    _require_gap(case, still, "A model that ignores what changes has a gap of 0.")
    _require_gap(case, _world(case, 1, _smooth(case)), "The gap of a single row is wrong.")
    whole = _world(case, 25, lambda rows: -3.0 * rows[:, 0])
    _require_gap(case, whole, "Where every prediction changes by 3, the gap is 3.")


@check(
    "counterfactual_gap",
    "X is left alone",
    advice="Work on what `intervene` returns; do not flip a column of X in place.",
    weight=0.5,
    seeds=(1, 0),
)
def gap_leaves_alone(case: Case) -> None:
    world = _world(case, 12, _smooth(case))
    case.leaves_alone(*world.args, remotes=world.remotes)
