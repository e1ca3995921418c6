"""What must come back where a contract returns torch tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case


def tensor(
    case: Case, value: Any, name: str, shape: tuple[int, ...], dtypes: tuple[str, ...]
) -> np.ndarray:
    """The finite array in the tensor of that shape and of those dtypes that `value` must be."""
    return case.tensor(value, name, shape=shape, dtypes=dtypes).array


def several(case: Case, value: Any, count: int, names: str) -> list[Any]:
    """`value` as the tuple of that many things that it must be."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        case.fail(
            f"Return {count} things: {names}.", got=type(value).__name__, category="wrong type"
        )
    return list(value)


FLOATS = ("float32", "float64")
