"""Checks of NT-Xent and its gradient, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.exercises.feature_extraction.checks.rows import two_view_rows
from autograder.sandbox.wire import Tensor


def _matches(
    case: Case,
    a: np.ndarray,
    b: np.ndarray,
    temperature: float,
    what: str,
    *,
    grad: bool = False,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    why_infinite: str | None = None,
) -> None:
    dtype = str(a.dtype)
    case.matches_reference(
        Tensor(a, requires_grad=True),
        Tensor(b, requires_grad=True),
        temperature,
        read=lambda value: _loss(case, value, dtype, why_infinite),
        view=lambda value: [numbers(v) for v in value] if grad else numbers(value),
        close=close(rtol=rtol, atol=atol),
        grad=grad,
        what=what,
    )


def _loss(case: Case, value: Any, dtype: str, why_infinite: str | None = None) -> Tensor:
    return case.tensor(
        value, "The loss", shape=(), dtypes=(dtype,), like="embeddings", why_infinite=why_infinite
    )


def _temperature(case: Case) -> float:
    return float(np.round(case.rng.uniform(0.2, 0.8), 2))


@check(
    "nt_xent",
    "the mean cross-entropy of the positive among the 2n - 1 other embeddings",
    advice="Normalise, compare all 2n rows with each other, divide by the temperature, leave each "
    "row's similarity to itself out, and take the cross-entropy with the positive as the class.",
    core=True,
    seeds=(3, 1),
)
def loss_value(case: Case) -> None:
    a, b = two_view_rows(case, int(case.rng.integers(4, 8)), 5)
    # the probability of an anchor itself, which is masked, is 0, and its logarithm infinite
    why = "labels_off_by_n"
    _matches(case, a, b, _temperature(case), "The loss is wrong.", why_infinite=why)


@check(
    "nt_xent",
    "the gradient with respect to both views is that of the formula",
    advice="Keep every step in torch, and detach nothing: both views are trained.",
    core=True,
    seeds=(2, 1),
)
def loss_gradient(case: Case) -> None:
    a, b = two_view_rows(case, 5, 4)
    what = "The gradient with respect to z_a and z_b is wrong."
    _matches(case, a, b, _temperature(case), what, grad=True)


@check(
    "nt_xent",
    "loss and gradient are right at temperature 0.01, in float32",
    advice="Use `F.cross_entropy` or `torch.logsumexp`; exp(100) is infinite in float32.",
)
def loss_is_stable(case: Case) -> None:
    # rows along the axes: cosines are -1, 0 and 1, and in float32 no machine rounds them otherwise
    n, d = 6, 3
    a, b = np.zeros((2, n, d), np.float32)
    for rows in (a, b):
        signs = case.rng.choice([-1.0, 1.0], n)
        rows[np.arange(n), case.rng.integers(d, size=n)] = signs * 2.0 ** case.rng.integers(
            -2, 3, n
        )
    b[:2] = -a[:2]
    what = "The loss at temperature 0.01 is wrong."
    _matches(case, a, b, 0.01, what, rtol=1e-3, atol=1e-3)
    what = "The gradient at temperature 0.01 is wrong."
    _matches(case, a, b, 0.01, what, grad=True, rtol=1e-3, atol=1e-3)


@check(
    "nt_xent",
    "a row of zeros has similarity 0 to every row, and a finite gradient",
    advice="`F.normalize(z, dim=1)` divides by at least 1e-12; `z / z.norm(...)` is 0 / 0.",
    weight=0.5,
)
def loss_of_zero_rows(case: Case) -> None:
    for dtype, rtol in (("float64", 1e-6), ("float32", 1e-4)):
        a, b = two_view_rows(case, 4, 3, dtype=dtype)
        a[1] = 0.0
        b[1:3] = 0.0
        _matches(case, a, b, 0.5, "The loss with rows of zeros is wrong.", rtol=rtol)
        tensors = [Tensor(rows, requires_grad=True) for rows in (a, b)]
        value, grads = case.call_with_gradients(*tensors, 0.5)
        _loss(case, value, dtype)
        if any(grad is None or not np.isfinite(grad).all() for grad in grads):
            case.fail("With a row of zeros the gradient is not finite.", category="not finite")


@check(
    "nt_xent",
    "one household alone gives 0, two give the formula",
    advice="With n = 1 the positive is the only candidate: its probability is 1.",
    weight=0.5,
)
def loss_of_small_batches(case: Case) -> None:
    a, b = two_view_rows(case, 2, 3)
    _matches(case, a, b, 0.3, "The loss of two households is wrong.")
    _matches(case, a[:1], b[:1], 0.3, "One household alone must give 0.")
    what = "The gradient of one household alone must be 0."
    tensors = [Tensor(rows[:1], requires_grad=True) for rows in (a, b)]
    _, grads = case.call_with_gradients(*tensors, 0.3)
    if any(grad is not None and not np.allclose(grad, 0.0, atol=1e-9) for grad in grads):
        case.fail(what, got=grads)


@check(
    "nt_xent",
    "float32 in, float32 out",
    advice="`torch.zeros(...)` and `torch.eye(...)` are float32 unless told otherwise, and a NumPy "
    "number is float64: make new tensors with `z.new_zeros` or `dtype=z.dtype`.",
    weight=0.5,
)
def loss_keeps_dtype(case: Case) -> None:
    a, b = two_view_rows(case, 6, 4, dtype="float32")
    _matches(case, a, b, 0.5, "The loss in float32 is wrong.", rtol=1e-4, atol=1e-5)


@check(
    "nt_xent",
    "both views are left alone",
    advice="Methods that end in an underscore, such as `div_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def loss_leaves_alone(case: Case) -> None:
    a, b = two_view_rows(case, 5, 4)
    case.leaves_alone(Tensor(a), Tensor(b), 0.2)
