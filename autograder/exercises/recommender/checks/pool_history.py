"""Checks of the pooled history and its gradient, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.sandbox.wire import Tensor

B, T, D = 5, 6, 3


def _histories(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, mask and ages of histories of 1 to 5 places, with numbers in the padding too."""
    vectors = np.round(case.rng.normal(size=(B, T, D)), 4)
    mask = np.arange(T) < case.rng.permutation(np.arange(1, B + 1))[:, None]
    mask = case.rng.permuted(mask, axis=1)
    ages = np.round(case.rng.uniform(0, 12, (B, T)), 3)
    return vectors, mask, ages


def _pool(
    case: Case,
    vectors: np.ndarray,
    mask: np.ndarray,
    ages: np.ndarray,
    half_life: float,
    *,
    grad: bool = False,
    what: str,
) -> None:
    dtype = str(vectors.dtype)
    loose = dtype == "float32"
    shape = (len(vectors), vectors.shape[2])
    case.matches_reference(
        Tensor(vectors, requires_grad=True),
        Tensor(mask),
        Tensor(ages),
        half_life,
        read=lambda value: case.tensor(
            value, "The pooled tensor", shape=shape, dtypes=(dtype,), like="vectors that come in"
        ),
        view=lambda value: [_or_none(part) for part in value] if grad else numbers(value),
        close=close(rtol=1e-4 if loose else 1e-7, atol=1e-5 if loose else 1e-9),
        grad=grad,
        what=what,
    )


def _or_none(grad: Any) -> Any:
    return None if grad is None else numbers(grad)


def _half_life(case: Case) -> float:
    return float(np.round(case.rng.uniform(1.5, 5.0), 2))


@check(
    "pool_history",
    "the mean of the real places with weights 0.5 ** (age / half_life)",
    advice="Sum weight times vector over the real places, and divide by the sum of their weights.",
    core=True,
    seeds=(3, 1),
)
def pool_value(case: Case) -> None:
    _pool(case, *_histories(case), _half_life(case), what="The weighted mean is wrong.")


@check(
    "pool_history",
    "an empty history gives zeros, and spoils no other row",
    advice="Where the weights sum to 0, divide by 1 instead.",
    seeds=(2, 1),
)
def pool_of_nothing(case: Case) -> None:
    vectors, mask, ages = _histories(case)
    mask[1] = False
    arrays = Tensor(vectors), Tensor(mask), Tensor(ages)
    value = case.call(*arrays, 2.0)
    rows = value.array if isinstance(value, Tensor) else None
    if rows is not None and rows.shape == (B, D) and np.isnan(rows[1]).any():
        case.fail(
            "The row of an empty history is NaN.",
            expected="zeros",
            got=rows[1],
            category="not finite",
            misconception="empty_history_as_nan",
        )
    _pool(case, vectors, mask, ages, 2.0, what="An empty history must give zeros.")
    what = "With an empty history in the batch, the gradient is wrong."
    _pool(case, vectors, mask, ages, 2.0, grad=True, what=what)


@check(
    "pool_history",
    "whatever stands in the padding does not count, NaN included",
    advice="0 * NaN is NaN: replace the padding with `torch.where` before you multiply.",
    seeds=(2, 1),
)
def pool_ignores_padding(case: Case) -> None:
    vectors, mask, ages = _histories(case)
    vectors[~mask], ages[~mask] = np.nan, np.nan
    value = case.call(Tensor(vectors), Tensor(mask), Tensor(ages), 3.0)
    if isinstance(value, Tensor) and not np.isfinite(value.array).all():
        case.fail(
            "NaN in the padding came through to the mean.",
            got=value,
            category="not finite",
            misconception="nan_from_padding",
        )
    _pool(case, vectors, mask, ages, 3.0, what="With NaN in the padding the mean is wrong.")
    what = "With NaN in the padding the gradient is wrong; that of the padding must be 0."
    _pool(case, vectors, mask, ages, 3.0, grad=True, what=what)


@check(
    "pool_history",
    "histories that are thousands of half-lives old keep their mean",
    advice="A common factor cancels: subtract each row's smallest real age before 0.5 ** (...).",
    seeds=(2, 1),
)
def pool_of_old_histories(case: Case) -> None:
    vectors, mask, ages = _histories(case)
    ages[mask] += 20_000.0
    arrays = Tensor(vectors), Tensor(mask), Tensor(ages)
    value = case.call(*arrays, 4.0)
    lost = isinstance(value, Tensor) and value.array.shape == (B, D)
    if lost and (~np.isfinite(value.array) | (value.array == 0)).all():
        case.fail(
            "A history whose ages are 5,000 half-lives lost its mean.",
            got=value,
            category="not finite",
            misconception="weights_vanish",
        )
    what = "The mean of a history that is thousands of half-lives old is wrong."
    _pool(case, vectors, mask, ages, 4.0, what=what)
    ages[::2] -= 20_000.0
    _pool(case, vectors, mask, ages, 4.0, what="Young and old histories in one batch: " + what)
    vectors, mask, ages = _histories(case)
    ages[:, ::2] += 20_000.0
    what = "The mean of a history with young and very old places is wrong."
    _pool(case, vectors, mask, ages, 4.0, what=what)


@check(
    "pool_history",
    "the gradient with respect to the vectors is each place's share",
    advice="Stay in torch: no `.detach()`, `.numpy()` or `.item()` between vectors and result.",
    seeds=(2, 1),
)
def pool_gradient(case: Case) -> None:
    _pool(case, *_histories(case), _half_life(case), grad=True, what="The gradient is wrong.")


@check(
    "pool_history",
    "float32 in, float32 out",
    advice="Make weights and constants of the dtype of the vectors.",
    weight=0.5,
    seeds=(1, 0),
)
def pool_keeps_dtype(case: Case) -> None:
    vectors, mask, ages = _histories(case)
    small = vectors.astype(np.float32), mask, ages.astype(np.float32)
    _pool(case, *small, 2.5, what="The mean of float32 tensors is wrong.")


@check(
    "pool_history",
    "its inputs are left alone",
    advice="`vectors[~mask] = 0` changes the caller's tensor; `torch.where` makes a new one.",
    weight=0.5,
    seeds=(1, 0),
)
def pool_leaves_alone(case: Case) -> None:
    vectors, mask, ages = _histories(case)
    case.leaves_alone(Tensor(vectors), Tensor(mask), Tensor(ages), 2.0)
