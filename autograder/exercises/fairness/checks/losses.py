"""Batches of two groups for the checks of losses, and what must come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, close, numbers
from autograder.exercises.recommender.checks.tensors import float_tensor
from autograder.sandbox.wire import Tensor


def batch(case: Case, n: int = 24, dtype: str = "float64") -> tuple[Tensor, Tensor, Tensor]:
    """Logits, targets and group; all pairs of target and group occur, and group 0 scores higher."""
    group = case.rng.integers(0, 2, n)
    targets = case.rng.integers(0, 2, n)
    group[:4], targets[:4] = (0, 0, 1, 1), (0, 1, 0, 1)
    logits = case.rng.normal(0, 1.5, n) + 0.8 * targets - 0.9 * group
    return (
        Tensor(np.round(logits, 4).astype(dtype), requires_grad=True),
        Tensor(targets.astype(dtype)),
        Tensor(group.astype(np.int64)),
    )


def far_logits() -> tuple[Tensor, Tensor, Tensor]:
    """A float32 batch with logits of +-100 for every pair of target and group."""
    logits = np.array([100.0, -100.0] * 4 + [0.5, -0.25], np.float32)
    targets = np.array([1, 1, 0, 0, 1, 1, 0, 0, 1, 0], np.float32)
    group = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1])
    return Tensor(logits, requires_grad=True), Tensor(targets), Tensor(group)


def require_loss(
    case: Case, *args: Any, dtype: str = "float64", grad: bool = False, what: str
) -> None:
    """The loss, or its gradient with respect to the logits, is the reference's."""
    loose = dtype == "float32"
    case.matches_reference(
        *args,
        read=lambda value: float_tensor(case, value, "The loss", (), dtype),
        view=lambda value: [_or_none(part) for part in value] if grad else numbers(value),
        close=close(rtol=2e-4 if loose else 1e-7, atol=2e-6 if loose else 1e-10),
        grad=grad,
        what=what,
    )


def _or_none(grad: Any) -> Any:
    return None if grad is None else numbers(grad)
