"""What must come back where a contract returns torch tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case
from autograder.sandbox.wire import Tensor


def tensor(
    case: Case, value: Any, name: str, shape: tuple[int, ...], dtypes: tuple[str, ...]
) -> np.ndarray:
    """The finite array in the tensor of that shape and of those dtypes that `value` must be."""
    if not isinstance(value, Tensor):
        case.fail(
            f"{name} must be a torch tensor.", got=type(value).__name__, category="wrong type"
        )
    if value.array.shape != shape:
        case.fail(
            f"{name} has the wrong shape.",
            expected=str(shape),
            got=str(value.array.shape),
            category="wrong shape",
        )
    if value.array.dtype.name not in dtypes:
        case.fail(
            f"{name} has the wrong dtype.",
            expected=" or ".join(dtypes),
            got=value.array.dtype.name,
            category="wrong dtype",
        )
    if value.array.dtype.kind == "f" and not np.isfinite(value.array).all():
        case.fail(f"{name} holds NaN or infinity.", got=value, category="not finite")
    return value.array


def several(case: Case, value: Any, count: int, names: str) -> list[Any]:
    """`value` as the tuple of that many things that it must be."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        case.fail(
            f"Return {count} things: {names}.", got=type(value).__name__, category="wrong type"
        )
    return list(value)


FLOATS = ("float32", "float64")
