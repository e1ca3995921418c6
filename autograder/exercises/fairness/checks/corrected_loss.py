"""Checks of the loss that is corrected for erased labels, against the reference's."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.fairness.checks.losses import batch, far_logits, require_loss
from autograder.sandbox.wire import Tensor


def _rate(case: Case) -> float:
    return float(np.round(case.rng.uniform(0.25, 0.45), 2))


@check(
    "corrected_loss",
    "mean cross-entropy, where group 1 records a one with probability (1 - rate) p, group 0 with p",
    advice="q = (1 - rate) * p in group 1 and p in group 0; the loss of a row is -log q where its "
    "target is 1, and -log(1 - q) where it is 0.",
    core=True,
    seeds=(3, 1),
)
def corrected_value(case: Case) -> None:
    require_loss(case, *batch(case), _rate(case), what="The loss is wrong.")


@check(
    "corrected_loss",
    "the gradient is that of the formula",
    advice="Keep every step in torch: no `.detach()`, `.item()` or `.numpy()` on the way.",
    core=True,
    seeds=(2, 1),
)
def corrected_gradient(case: Case) -> None:
    what = "The gradient with respect to the logits is wrong."
    require_loss(case, *batch(case), _rate(case), grad=True, what=what)


@check(
    "corrected_loss",
    "loss and gradient are right for logits of +-100",
    advice="Use logarithms throughout: log1p(-rate) + F.logsigmoid(z) for a one; for a zero "
    "torch.logaddexp(F.logsigmoid(-z), log(rate) + F.logsigmoid(z)).",
)
def corrected_is_stable(case: Case) -> None:
    for rate in (_rate(case), 0.0):
        for grad in (False, True):
            part = "gradient" if grad else "loss"
            what = f"The {part} at logits of +-100 with rate {rate:g} is wrong."
            require_loss(case, *far_logits(), rate, dtype="float32", grad=grad, what=what)


@check(
    "corrected_loss",
    "rate 0 is plain cross-entropy, and so is a batch of group 0",
    advice="Nothing was erased there: mind log(0), and take the correction by group == 1.",
    weight=0.5,
)
def corrected_of_nothing(case: Case) -> None:
    logits, targets, group = batch(case)
    zero, one = (Tensor(np.full_like(group.array, value)) for value in (0, 1))
    for grad in (False, True):
        part = "gradient" if grad else "loss"
        what = f"With rate 0 the {part} is wrong."
        require_loss(case, logits, targets, group, 0.0, grad=grad, what=what)
        what = f"The {part} of a batch of group 0 is wrong."
        require_loss(case, logits, targets, zero, 0.4, grad=grad, what=what)
        what = f"The {part} of a batch of group 1 is wrong."
        require_loss(case, logits, targets, one, 0.4, grad=grad, what=what)


@check(
    "corrected_loss",
    "targets of any 0/1 dtype and bool groups serve, and float32 stays float32",
    advice="Compare: `targets > 0` and `group == 1` give bools, whatever the dtype.",
    weight=0.5,
)
def corrected_of_other_dtypes(case: Case) -> None:
    logits, targets, group = batch(case, dtype="float32")
    for dtype in (np.bool_, np.int64):
        kind = Tensor(targets.array.astype(dtype))
        what = f"With {np.dtype(dtype)} targets the loss is wrong."
        require_loss(case, logits, kind, group, 0.3, dtype="float32", what=what)
    bools = Tensor(group.array.astype(np.bool_))
    what = "With bool groups the loss is wrong."
    require_loss(case, logits, targets, bools, 0.3, dtype="float32", what=what)


@check(
    "corrected_loss",
    "a rate outside [0, 1) is refused",
    advice="Raise ValueError with a sentence unless 0 <= erased_rate < 1.",
    weight=0.5,
    seeds=(1, 0),
)
def corrected_refuses(case: Case) -> None:
    logits, targets, group = batch(case)
    for rate in (1.0, -0.1, 1.5):
        case.refuses(Tensor(logits.array), targets, group, rate, why=f"erased_rate = {rate:g}")


@check(
    "corrected_loss",
    "its inputs are left alone",
    advice="Methods that end in an underscore, such as `mul_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def corrected_leaves_alone(case: Case) -> None:
    logits, targets, group = batch(case)
    case.leaves_alone(Tensor(logits.array), targets, group, 0.3)
