"""What must come back where a contract returns a torch tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case
from autograder.sandbox.wire import Tensor


def float_tensor(case: Case, value: Any, name: str, shape: tuple[int, ...], dtype: str) -> Tensor:
    """`value` as the finite tensor of that shape and dtype that it must be."""
    if not isinstance(value, Tensor):
        case.fail("Return a torch tensor.", got=type(value).__name__, category="wrong type")
    if value.array.shape != shape:
        case.fail(
            f"{name} has the wrong shape.",
            expected=str(shape),
            got=str(value.array.shape),
            category="wrong shape",
        )
    if value.array.dtype != dtype:
        case.fail(
            f"{name} must have the dtype of the vectors that come in.",
            expected=dtype,
            got=str(value.array.dtype),
            category="wrong dtype",
        )
    if not np.isfinite(value.array).all():
        case.fail(f"{name} is not finite.", got=value, category="not finite")
    return value
