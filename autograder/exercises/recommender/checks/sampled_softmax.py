"""Checks of the sampled softmax and its gradients, against the reference's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.sandbox.wire import Tensor


def _batch(case: Case, n: int, twins: int = 0, dtype: str = "float64") -> tuple[Any, ...]:
    """users, items, item_ids and log_q of a batch in which `twins` items stand twice."""
    users = np.round(case.rng.normal(size=(n, 5)), 4)
    ids = case.rng.permutation(500)[:n]
    items = np.round(case.rng.normal(size=(n, 5)), 4)
    log_q = np.round(np.log(case.rng.dirichlet(np.full(n, 0.5)) + 1e-3), 4)
    for copy in range(twins):
        ids[-1 - copy], items[-1 - copy], log_q[-1 - copy] = ids[copy], items[copy], log_q[copy]
    return (
        Tensor(users.astype(dtype), requires_grad=True),
        Tensor(items.astype(dtype), requires_grad=True),
        Tensor(ids.astype(np.int64)),
        Tensor(log_q.astype(dtype)),
    )


def _loss(
    case: Case,
    *args: Any,
    dtype: str = "float64",
    tolerance: tuple[float, float] = (1e-7, 1e-9),
    grad: bool = False,
    what: str,
) -> None:
    rtol, atol = tolerance
    case.matches_reference(
        *args,
        read=lambda value: case.tensor(
            value, "The loss", shape=(), dtypes=(dtype,), like="vectors that come in"
        ),
        view=lambda value: [_or_none(part) for part in value] if grad else numbers(value),
        close=close(rtol=rtol, atol=atol),
        grad=grad,
        what=what,
    )


def _or_none(grad: Any) -> Any:
    return None if grad is None else numbers(grad)


def _temperature(case: Case) -> float:
    return float(np.round(case.rng.uniform(0.3, 0.8), 2))


@check(
    "sampled_softmax",
    "the mean cross-entropy of each row's own item, every column corrected by its log_q",
    advice="logits[i, j] = users[i] . items[j] / temperature - log_q[j]; softmax along each row; "
    "the label of row i is i.",
    core=True,
    seeds=(3, 1),
)
def softmax_value(case: Case) -> None:
    batch = _batch(case, int(case.rng.integers(6, 9)))
    _loss(case, *batch, _temperature(case), what="The loss is wrong.")


@check(
    "sampled_softmax",
    "another column with the item of the positive is left out of the row",
    advice="Mask where item_ids[i] == item_ids[j] and i is not j, with minus infinity, in the "
    "logits.",
    weight=1.5,
    seeds=(2, 1),
)
def softmax_without_accidental_hits(case: Case) -> None:
    batch = _batch(case, 8, twins=3)
    temperature = _temperature(case)
    _loss(case, *batch, temperature, what="With an item that stands twice the loss is wrong.")
    what = "With an item that stands twice the gradient is wrong."
    _loss(case, *batch, temperature, grad=True, what=what)
    users, items, ids, log_q = batch
    below = Tensor(-100 * np.abs(items.array), requires_grad=True)
    what = "With logits far below 0 the columns left out still count: mask with minus infinity."
    _loss(case, Tensor(np.abs(users.array)), below, ids, log_q, temperature, what=what)
    one = Tensor(np.full(8, 7))
    _loss(case, users, items, one, log_q, 0.5, what="Where all items are one, no negative is left.")


@check(
    "sampled_softmax",
    "the gradient flows into users and into items",
    advice="Keep every step in torch: no `.detach()`, `.item()`, `.numpy()` or `torch.no_grad` on "
    "the way from either side to the loss.",
    core=True,
    seeds=(2, 1),
)
def softmax_gradient(case: Case) -> None:
    batch = _batch(case, 7)
    what = "The gradient with respect to users or items is wrong."
    _loss(case, *batch, _temperature(case), grad=True, what=what)


@check(
    "sampled_softmax",
    "loss and gradient stay finite for logits of some thousands",
    advice="Use `F.cross_entropy` or `torch.logsumexp` on the logits: `torch.exp` of 1000 is "
    "infinite.",
)
def softmax_is_stable(case: Case) -> None:
    users, items, ids, log_q = _batch(case, 7, twins=1, dtype="float32")
    far = Tensor(users.array * 10, requires_grad=True)
    for grad in (False, True):
        what = f"The {'gradient' if grad else 'loss'} at large logits is wrong."
        # a logit of some thousands has an error of some ten thousandths in single precision
        batch = far, items, ids, log_q, 0.01
        _loss(case, *batch, dtype="float32", tolerance=(1e-2, 2e-2), grad=grad, what=what)


@check(
    "sampled_softmax",
    "float32 in, float32 out; one pair has the loss 0",
    advice="With one column the softmax is 1, whatever its logit; make no tensor of another dtype.",
    weight=0.5,
)
def softmax_of_one(case: Case) -> None:
    batch = _batch(case, 8, dtype="float32")
    what = "The loss of float32 tensors is wrong."
    _loss(case, *batch, 0.5, dtype="float32", tolerance=(2e-4, 1e-5), what=what)
    _loss(case, *_batch(case, 1), 0.5, what="The loss of one pair must be 0.")


@check(
    "sampled_softmax",
    "its inputs are left alone",
    advice="Methods that end in an underscore, such as `masked_fill_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def softmax_leaves_alone(case: Case) -> None:
    users, items, ids, log_q = _batch(case, 6, twins=1)
    case.leaves_alone(Tensor(users.array), Tensor(items.array), ids, log_q, 0.5)
