"""Real activations, weights and text lengths; `bench/inference_activations.py` made the file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent.parent / "activations.npz"


@cache
def saved() -> dict[str, np.ndarray]:
    """The arrays of the file by name; those in half precision as float32."""
    with np.load(PATH) as file:
        return {name: _wide(file[name]) for name in file.files}


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == np.float16 else array


def signal_to_noise(wanted: np.ndarray, got: np.ndarray) -> float:
    """How far the error lies below the values, in decibels."""
    noise = np.square(wanted - got, dtype=np.float64).sum()
    return float(10 * np.log10(np.square(wanted, dtype=np.float64).sum() / max(noise, 1e-300)))
