"""What the checks of several contracts share: the props, and loss values as they must be."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking import Case, failure_of
from autograder.sandbox.envelope import Fault
from autograder.sandbox.wire import Handle, Prop, Tensor


@cache
def _source() -> str:
    return (Path(__file__).parents[1] / "props.py").read_text("utf-8")


def prop(name: str) -> Prop:
    """What `props.py` defines as `name`, on the submission's side."""
    return Prop(_source(), name)


def call_prop(case: Case, name: str, *args: Any) -> Any:
    """What a function of `props.py` returns there."""
    try:
        return case.calls.call(prop(name), *args).value
    except Fault as fault:
        raise failure_of(fault) from None


def kept(case: Case, *args: Any, remotes: dict[int, Any]) -> Handle:
    """The object that the contract returns, kept on the submission's side."""
    try:
        return case.calls.call(case.check.task, *args, keep=True, remotes=remotes).value
    except Fault as fault:
        raise failure_of(fault) from None


def normal_rows(case: Case, n: int, d: int, dtype: str = "float64") -> np.ndarray:
    """(n, d) rows of very different lengths, without a special direction."""
    lengths = np.exp(case.rng.uniform(-1.5, 1.5, (n, 1)))
    return np.round(case.rng.normal(size=(n, d)) * lengths, 4).astype(dtype)


def two_view_rows(
    case: Case, n: int, d: int, noise: float = 0.6, dtype: str = "float64"
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of two views: rows that resemble each other more than they do others."""
    rows = normal_rows(case, n, d)
    scale = np.linalg.norm(rows, axis=1, keepdims=True) / np.sqrt(d)
    other = np.exp(case.rng.uniform(-0.5, 0.5, (n, 1))) * (
        rows + noise * scale * case.rng.normal(size=(n, d))
    )
    return rows.astype(dtype), np.round(other, 4).astype(dtype)


def scalar_tensor(case: Case, value: Any, dtype: str, why_infinite: str | None = None) -> Tensor:
    """`value` as the finite 0-dim tensor of `dtype` that a loss must be.

    `why_infinite` is the misconception that explains a loss of infinity.
    """
    if not isinstance(value, Tensor):
        case.fail("Return a torch tensor.", got=type(value).__name__, category="wrong type")
    if value.array.shape != ():
        case.fail(
            "The loss must be a 0-dim tensor: the mean over all anchors.",
            expected="()",
            got=str(value.array.shape),
            category="wrong shape",
        )
    if value.array.dtype != dtype:
        case.fail(
            "The loss must have the dtype of the embeddings.",
            expected=dtype,
            got=str(value.array.dtype),
            category="wrong dtype",
        )
    if not np.isfinite(value.array):
        why = why_infinite if np.isposinf(value.array) else None
        case.fail("The loss is not finite.", got=value, category="not finite", misconception=why)
    return value
