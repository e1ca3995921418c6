"""Checks of the focal loss and its gradient, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.sandbox.wire import Tensor


def _focal_case(case: Case, dtype: str, spread: float) -> tuple[Tensor, Tensor]:
    logits = np.round(case.rng.normal(0, spread, 30), 4).astype(dtype)
    targets = (case.rng.random(30) < 0.3).astype(dtype)
    targets[:2] = (0, 1)
    return Tensor(logits, requires_grad=True), Tensor(targets)


def _focal(case: Case, *args: Any, dtype: str, grad: bool = False, what: str) -> None:
    loose = dtype == "float32"
    case.matches_reference(
        *args,
        read=lambda value: case.tensor(value, "The loss", shape=(), dtypes=(dtype,), like="logits"),
        view=lambda value: [numbers(v) for v in value] if grad else numbers(value),
        close=close(rtol=2e-4 if loose else 1e-7, atol=1e-6 if loose else 1e-10),
        grad=grad,
        what=what,
    )


@check(
    "focal_loss",
    "the mean of alpha_t (1 - p_t)^gamma times the cross-entropy",
    advice="Write p_t, the probability given to the true class, and alpha_t, its weight; then the "
    "formula of Lin et al. (2017), eq. 5, averaged over all rows.",
    core=True,
    seeds=(3, 1),
)
def focal_value(case: Case) -> None:
    logits, targets = _focal_case(case, "float64", 2.0)
    gamma = float(np.round(case.rng.uniform(1.0, 3.0), 2))
    alpha = float(np.round(case.rng.uniform(0.6, 0.9), 2))
    _focal(case, logits, targets, gamma, alpha, dtype="float64", what="The loss is wrong.")


@check(
    "focal_loss",
    "gamma = 0 and alpha = 0.5 is half the cross-entropy",
    advice="With gamma = 0 the modulating factor is 1, whatever p_t is.",
    weight=0.5,
)
def focal_without_focus(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    what = "This is not half the binary cross-entropy."
    _focal(case, logits, targets, 0.0, 0.5, dtype="float32", what=what)
    _focal(case, logits, targets, 0.0, 0.5, dtype="float32", grad=True, what="Gradient: " + what)


@check(
    "focal_loss",
    "targets of any 0/1 dtype serve: float, int or bool",
    advice="Convert the targets to the dtype of the logits before you use them.",
    weight=0.5,
)
def focal_target_dtypes(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    for dtype in (np.bool_, np.int64):
        kind = Tensor(targets.array.astype(dtype))
        what = f"With {np.dtype(dtype)} targets the loss is wrong."
        _focal(case, logits, kind, 2.0, 0.25, dtype="float32", what=what)


@check(
    "focal_loss",
    "the gradient is that of the formula",
    advice="Keep every step in torch: no `.detach()`, `.item()`, `.numpy()` or `torch.tensor(...)` "
    "on the way from logits to loss.",
    core=True,
    seeds=(2, 1),
)
def focal_gradient(case: Case) -> None:
    logits, targets = _focal_case(case, "float64", 2.0)
    gamma = float(np.round(case.rng.uniform(1.0, 3.0), 2))
    _focal(
        case,
        logits,
        targets,
        gamma,
        0.75,
        dtype="float64",
        grad=True,
        what="The gradient with respect to the logits is wrong.",
    )


@check(
    "focal_loss",
    "loss and gradient stay finite for logits of +-100",
    advice="Use `F.logsigmoid` or `F.binary_cross_entropy_with_logits` instead of `torch.log` of a "
    "sigmoid, which is log 0 for large logits.",
)
def focal_is_stable(case: Case) -> None:
    logits = Tensor(np.array([100.0, -100.0, 100.0, -100.0, 0.5], np.float32), requires_grad=True)
    targets = Tensor(np.array([1.0, 0.0, 0.0, 1.0, 1.0], np.float32))
    for gamma in (0.0, 2.0):
        what = f"The loss of logits of +-100 with gamma = {gamma:g} is wrong."
        _focal(case, logits, targets, gamma, 0.25, dtype="float32", what=what)
        what = f"The gradient at logits of +-100 with gamma = {gamma:g} is wrong."
        _focal(case, logits, targets, gamma, 0.25, dtype="float32", grad=True, what=what)


@check(
    "focal_loss",
    "logits and targets are left alone",
    advice="Methods that end in an underscore, such as `clamp_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def focal_leaves_alone(case: Case) -> None:
    logits, targets = _focal_case(case, "float32", 1.5)
    case.leaves_alone(Tensor(logits.array), targets, 2.0, 0.25)
