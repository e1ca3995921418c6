"""Checks of the penalised loss and its gradient, against the reference's."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.fairness.checks.losses import batch, far_logits, require_loss
from autograder.sandbox.wire import Tensor


def _strength(case: Case) -> float:
    return float(np.round(case.rng.uniform(2.0, 6.0), 2))


@check(
    "fair_loss",
    "mean cross-entropy + strength x (difference of the groups' mean probabilities) squared",
    advice="p = torch.sigmoid(logits); gap = p[group == a].mean() - p[group == b].mean(); add "
    "strength * gap ** 2 to F.binary_cross_entropy_with_logits(logits, targets).",
    core=True,
    seeds=(3, 1),
)
def penalty_value(case: Case) -> None:
    rows = batch(case)
    require_loss(case, *rows, _strength(case), what="The loss is wrong.")
    require_loss(case, *rows, 0.0, what="With strength 0 it is the plain cross-entropy.")


@check(
    "fair_loss",
    "the gradient is that of the formula",
    advice="Keep every step in torch, and take means of probabilities: decisions such as p > 0.5 "
    "have no gradient.",
    core=True,
    seeds=(2, 1),
)
def penalty_gradient(case: Case) -> None:
    what = "The gradient with respect to the logits is wrong."
    require_loss(case, *batch(case), _strength(case), grad=True, what=what)


@check(
    "fair_loss",
    "loss and gradient stay finite for logits of +-100",
    advice="Use `F.binary_cross_entropy_with_logits` or `F.logsigmoid` instead of `torch.log` of a "
    "sigmoid, which is log 0 for large logits.",
)
def penalty_is_stable(case: Case) -> None:
    strength = _strength(case)
    for grad in (False, True):
        what = f"The {'gradient' if grad else 'loss'} at logits of +-100 is wrong."
        require_loss(case, *far_logits(), strength, dtype="float32", grad=grad, what=what)


@check(
    "fair_loss",
    "a batch of one group is plain cross-entropy",
    advice="Count torch.unique(group): the mean over an empty group is nan.",
    seeds=(1, 1),
)
def penalty_of_one_group(case: Case) -> None:
    logits, targets, group = batch(case)
    for value in (0, 1):
        only = Tensor(np.full_like(group.array, value))
        for grad in (False, True):
            what = f"The {'gradient' if grad else 'loss'} of a batch of one group is wrong."
            require_loss(case, logits, targets, only, _strength(case), grad=grad, what=what)
    single = Tensor(logits.array[:1], requires_grad=True)
    first = Tensor(targets.array[:1]), Tensor(group.array[:1])
    require_loss(case, single, *first, 3.0, what="A batch of one row is wrong.")


@check(
    "fair_loss",
    "targets and groups of any dtype and value serve, and float32 stays float32",
    advice="Convert the targets to the dtype of the logits, and take the groups' values from "
    "torch.unique(group).",
    weight=0.5,
)
def penalty_of_other_dtypes(case: Case) -> None:
    logits, targets, group = batch(case, dtype="float32")
    for dtype in (np.bool_, np.int64):
        kind = Tensor(targets.array.astype(dtype))
        what = f"With {np.dtype(dtype)} targets the loss is wrong."
        require_loss(case, logits, kind, group, 3.0, dtype="float32", what=what)
    for other in (group.array.astype(np.bool_), 5 - 7 * group.array):
        what = f"With groups {np.unique(other).tolist()} the loss is wrong."
        require_loss(case, logits, targets, Tensor(other), 3.0, dtype="float32", what=what)


@check(
    "fair_loss",
    "more than two groups are refused",
    advice="Count torch.unique(group), and raise ValueError with a sentence.",
    weight=0.5,
    seeds=(1, 0),
)
def penalty_refuses(case: Case) -> None:
    logits, targets, group = batch(case)
    three = group.array.copy()
    three[-2:] = 2
    case.refuses(Tensor(logits.array), targets, Tensor(three), 2.0, why="a batch of three groups")


@check(
    "fair_loss",
    "its inputs are left alone",
    advice="Methods that end in an underscore, such as `clamp_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def penalty_leaves_alone(case: Case) -> None:
    logits, targets, group = batch(case)
    case.leaves_alone(Tensor(logits.array), targets, group, 2.0)
