"""Rows of embeddings that the checks of several contracts draw."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case


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
