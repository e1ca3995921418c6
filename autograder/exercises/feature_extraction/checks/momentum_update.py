"""Checks of the moving average of two state dicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.sandbox.wire import Own, Tensor

State = dict[str, Tensor]
CLOSE = close(rtol=1e-5, atol=1e-6)


def _states(case: Case) -> tuple[State, State]:
    """The states of two encoders: weights, a counter and a mask; two dtypes are not the same."""

    def state(steps: int, bias: str, scale: str) -> State:
        def weights(shape: tuple[int, ...], dtype: str) -> Tensor:
            return Tensor(np.round(case.rng.normal(size=shape), 4).astype(dtype))

        return {
            "layer.weight": weights((3, 4), "float32"),
            "layer.bias": weights((3,), bias),
            "scale": weights((), scale),
            "norm.num_batches_tracked": Tensor(np.array(steps, np.int64)),
            "mask": Tensor(case.rng.random(6) < 0.5),
        }

    steps = int(case.rng.integers(100, 200))
    return state(steps, "float32", "float64"), state(steps + 40, "float64", "float32")


def _updated(case: Case, query: State, key: State, m: float) -> State:
    """What the submission makes of two states, well-formed."""
    result = case.call(query, key, m)
    if not isinstance(result, dict):
        case.fail("Return a dict.", got=type(result).__name__, category="wrong type")
    if result.keys() != key.keys():
        case.fail(
            "The new state must have the names of the old one.",
            expected=", ".join(key),
            got=", ".join(map(str, result)),
        )
    for name, value in result.items():
        _require_like(case, name, value, key[name])
    return result


def _require_like(case: Case, name: str, value: Any, key: Tensor) -> None:
    if not isinstance(value, Tensor):
        case.fail(f"{name} must be a tensor.", got=type(value).__name__, category="wrong type")
    wanted = (key.array.shape, key.array.dtype)
    if (value.array.shape, value.array.dtype) != wanted:
        case.fail(
            f"{name} must have the shape and dtype of the key's.",
            expected=f"{wanted[0]}, {wanted[1]}",
            got=f"{value.array.shape}, {value.array.dtype}",
            category="wrong dtype",
        )
    if value.array.dtype.kind == "f" and not np.isfinite(value.array).all():
        case.fail(f"{name} holds NaN or infinity.", category="not finite")


def _require_average(case: Case, query: State, key: State, m: float, result: State) -> None:
    def mixed(name: str, share: float) -> np.ndarray:
        return share * key[name].array + (1 - share) * query[name].array

    floating = [name for name in key if key[name].array.dtype.kind == "f"]
    if not all(CLOSE(result[name].array, mixed(name, m)) for name in floating):
        swapped = all(CLOSE(result[name].array, mixed(name, 1 - m)) for name in floating)
        wrong = next(n for n in floating if not CLOSE(result[n].array, mixed(n, m)))
        case.fail(
            f"With m = {m:g}, {wrong} is not m * key + (1 - m) * query.",
            expected=mixed(wrong, m),
            got=result[wrong],
            misconception="swapped" if swapped else None,
        )


@check(
    "momentum_update",
    "floating tensors are averaged: m of the key's, 1 - m of the query's",
    advice="The key encoder moves slowly: with m = 0.99 it keeps 99% of itself.",
    core=True,
    seeds=(2, 1),
)
def update_averages(case: Case) -> None:
    query, key = _states(case)
    for m in (float(np.round(case.rng.uniform(0.7, 0.99), 3)), 0.0, 1.0):
        _require_average(case, query, key, m, _updated(case, query, key, m))


@check(
    "momentum_update",
    "counters and masks are the query's",
    advice="`tensor.is_floating_point()` tells what can be averaged; clone the rest.",
)
def update_takes_counters(case: Case) -> None:
    query, key = _states(case)
    result = _updated(case, query, key, 0.75)
    steps, mask = "norm.num_batches_tracked", "mask"
    q, k, got = (int(state[steps].array) for state in (query, key, result))
    if got != q:
        averaged = abs(got - (0.75 * k + 0.25 * q)) <= 1
        case.fail(
            "A counter of batches is not the query's.",
            expected=q,
            got=got,
            misconception="counters_averaged" if averaged else None,
        )
    if not np.array_equal(result[mask].array, query[mask].array):
        case.fail("A boolean tensor is not the query's.", expected=query[mask], got=result[mask])


@check(
    "momentum_update",
    "neither state is changed, and nothing of the result is their memory",
    advice="Build a new dict: `m * key + (1 - m) * query` is a new tensor, `.clone()` copies one; "
    "`key.mul_(m)` writes into the caller's.",
    seeds=(1, 0),
)
def update_copies(case: Case) -> None:
    query, key = _states(case)
    for m in (0.9, 0.0, 1.0):
        changed, shared = case.read(case.prop("averages"), Own("momentum_update"), query, key, m)
        if changed:
            case.fail(
                "Your function changed a state that it was handed.",
                category="changed its input",
                misconception="in_place",
            )
        if shared:
            case.fail(
                f"With m = {m:g}, {shared[0]} of the result shares memory with an input: the next "
                "training step changes both.",
                misconception="shares_memory",
            )


@check(
    "momentum_update",
    "different names or shapes, and m outside [0, 1], are refused",
    advice="Compare the names of both states and the shape of each pair; a shape such as (1, 4) "
    "would be broadcast in silence.",
    weight=0.5,
    seeds=(1, 0),
)
def update_refuses(case: Case) -> None:
    query, key = _states(case)
    less = {name: tensor for name, tensor in query.items() if name != "scale"}
    case.refuses(less, key, 0.9, why="a query state that lacks a name")
    case.refuses(query, {n: key[n] for n in less}, 0.9, why="a key state that lacks a name")
    case.refuses({**less, "scales": query["scale"]}, key, 0.9, why="a state with another name")
    for shape in ((4,), (1, 4), (4, 3)):
        other = Tensor(np.zeros(shape, np.float32))
        why = f"a tensor of shape {shape} where the key's has (3, 4)"
        case.refuses({**query, "layer.weight": other}, key, 0.9, why=why)
    for m in (-0.1, 1.1):
        case.refuses(query, key, m, why=f"m = {m:g}")
