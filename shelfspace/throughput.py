"""How fast training is, and what the hardware could do at most.

Inside `recorded()`, every `train` leaves a `Throughput`. Its operations are those of the matrix
products of one step, forward and backward, as PyTorch counts them: twice the multiplications, with
those that chunks of rows repeat. Held against the measured product of two large matrices, they say
which part of the hardware is put to use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch

_recorded: ContextVar[list[Throughput] | None] = ContextVar("recorded", default=None)


@dataclass(frozen=True)
class Throughput:
    """How fast a module was trained.

    Attributes
    ----------
    module : str
        Its class.
    parameters : int
        Numbers that were trained.
    steps : int
    step_seconds : float
        Wall-clock time of a step, without validation and checkpoints.
    tokens : float
        What a step's boolean masks let through: events, or tokens of texts; 0 without masks.
    operations : float
        Of the matrix products of a step.
    dtype : torch.dtype
        That they are computed in.
    device : torch.device
    """

    module: str
    parameters: int
    steps: int
    step_seconds: float
    tokens: float
    operations: float
    dtype: torch.dtype
    device: torch.device


@contextmanager
def recorded() -> Iterator[list[Throughput]]:
    """A list that fills with the throughput of whatever is trained inside."""
    found: list[Throughput] = []
    token = _recorded.set(found)
    try:
        yield found
    finally:
        _recorded.reset(token)


def recording() -> list[Throughput] | None:
    """The list of the innermost `recorded()`, None outside."""
    return _recorded.get()


def gemm_peak(
    side: int,
    dtype: torch.dtype,
    device: torch.device | str = "cpu",
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Operations per second in the product of two square matrices, at best.

    Parameters
    ----------
    side : int
        Of the matrices.
    clock : callable
        In seconds; `time.process_time` for a share of one core that is not had alone.
    """
    device = torch.device(device)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    best = 0.0
    for _ in range(5):
        start = clock()
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        best = max(best, 2 * side**3 / (clock() - start))
    return best
