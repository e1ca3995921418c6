"""Checks of pruned networks, by what they compute: the order of the units is free."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.inference_speed.checks.tensors import several, tensor
from autograder.sandbox.wire import Tensor

Network = tuple[np.ndarray, np.ndarray, np.ndarray]


def _network(case: Case, h: int, d: int) -> Network:
    """A network whose units differ much in importance, and differently on their two sides."""
    inward = case.rng.permutation(np.geomspace(0.2, 5, h))
    outward = case.rng.permutation(np.geomspace(0.3, 3, h))
    w_in = case.rng.normal(size=(h, d))
    w_in *= (inward / np.linalg.norm(w_in, axis=1))[:, None]
    w_out = case.rng.normal(size=(d, h))
    w_out *= outward / np.linalg.norm(w_out, axis=0)
    b_in = case.rng.normal(0, 3, h)
    return tuple(part.astype(np.float32) for part in (w_in, b_in, w_out))  # type: ignore[return-value]


def _computed(case: Case, value: Any, d: int) -> Any:
    """What a network computes for some inputs, and how many units it has; None if it is none."""
    parts = [part.array if isinstance(part, Tensor) else np.asarray(part) for part in value]
    h = len(parts[1])
    if [part.shape for part in parts] != [(h, d), (h,), (d, h)]:
        return None
    x = np.linspace(-1, 1, 6 * d).reshape(6, d)[:, ::-1] + np.eye(6, d)
    hidden = np.tanh(x @ parts[0].astype(float).T + parts[1])
    return [np.array([h]), np.maximum(hidden, -0.4) @ parts[2].astype(float).T]


def _require(case: Case, network: Network, keep: int, what: str) -> None:
    d = network[0].shape[1]
    shapes = {"w_in": (keep, d), "b_in": (keep,), "w_out": (d, keep)}

    def read(value: Any) -> Any:
        parts = several(case, value, 3, "w_in, b_in and w_out")
        for part, (name, shape) in zip(parts, shapes.items(), strict=True):
            tensor(case, part, name, shape, ("float32",))
        return parts

    case.matches_reference(
        *(Tensor(part) for part in network),
        keep,
        read=read,
        view=lambda value: _computed(case, value, d),
        close=close(rtol=1e-4, atol=1e-5),
        what=what,
    )


@check(
    "prune_ffn",
    "the units kept have the largest product of input norm and output norm, unchanged",
    advice="importance = w_in.norm(dim=1) * w_out.norm(dim=0); index rows of w_in, entries of b_in "
    "and columns of w_out with the same positions.",
    weight=2.0,
    core=True,
    seeds=(3, 2),
)
def pruned_network(case: Case) -> None:
    for h, d in ((24, 5), (9, 9)):
        network = _network(case, h, d)
        for keep in (h // 2, h - 1, 2):
            _require(case, network, keep, "The pruned network computes something else.")


@check(
    "prune_ffn",
    "one unit, and all units",
    advice="Keep the first `keep` positions of an order by importance, largest first.",
    seeds=(1, 1),
)
def pruned_at_the_edges(case: Case) -> None:
    network = _network(case, 8, 4)
    _require(case, network, 1, "With one unit kept, the network is wrong.")
    _require(case, network, 8, "With all units kept, the network must compute what it did.")


@check(
    "prune_ffn",
    "the original is left alone",
    advice="Index the tensors; methods that end in an underscore change the caller's.",
    weight=0.5,
    seeds=(1, 0),
)
def original_left_alone(case: Case) -> None:
    case.leaves_alone(*(Tensor(part) for part in _network(case, 6, 4)), 3)
