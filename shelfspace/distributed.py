"""Several processes that train one model: started by `torchrun`, with negatives from all of them.

    torchrun --nproc-per-node 4 train.py

    with process_group() as device:
        module.to(device)
        train(module, joint_batches, loss_of, settings, seed=0)

Every process holds the whole module and works on its own rows of a joint batch. What is trained is
the **mean over the processes of the losses that they compute**: gradients are averaged after each
backward pass. A contrastive loss needs the other processes' rows too, and `gather_rows` brings them
in. Both usual ways to write the loss then give the gradients of one process with the joint batch:

- every process gathers both sides and computes the whole joint loss;
- every process scores its own anchors against all gathered candidates, and takes their mean (which
  equals the joint mean if all processes have as many anchors).

Two mistakes are common. A gather that carries no gradient (`torch.distributed.all_gather`, also
with the own rows put back in) loses what the other processes' losses say about one's rows, and in
the first way makes gradients too small by the number of processes. And multiplying the loss by that
number "because gradients get averaged" repairs this for that gather only: here it is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

_T = TypeVar("_T")

# One process may validate or write a checkpoint for long while the others wait for it.
_PATIENCE = timedelta(hours=2)


@contextmanager
def process_group() -> Iterator[torch.device]:
    """Join the processes that `torchrun` started, and give the device this one should use.

    NCCL and one GPU per process where there is CUDA, else Gloo and the CPU. Without `torchrun`
    there is nothing to join, and the device is the GPU or the CPU.

    Raises
    ------
    RuntimeError
        If a machine has more processes than GPUs.
    """
    cuda = torch.cuda.is_available()
    if "WORLD_SIZE" not in os.environ:
        yield torch.device("cuda" if cuda else "cpu")
        return
    device = torch.device("cpu")
    if cuda:
        local_rank = int(os.environ["LOCAL_RANK"])
        if local_rank >= torch.cuda.device_count():
            raise RuntimeError(
                f"this machine has {torch.cuda.device_count()} GPUs and at least {local_rank + 1} "
                "processes: start torchrun with a smaller --nproc-per-node"
            )
        device = torch.device("cuda", local_rank)
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if cuda else "gloo", timeout=_PATIENCE)
    try:
        yield device
    finally:
        dist.destroy_process_group()


def world_size() -> int:
    """How many processes train together: 1 without a process group."""
    return dist.get_world_size() if _joined() else 1


def rank() -> int:
    """This process's number, from 0."""
    return dist.get_rank() if _joined() else 0


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized()


def gather_rows(rows: Tensor) -> Tensor:
    """All processes' rows, in the order of the processes: (sum of their n, ...).

    Differentiable: the gradient of a process's rows is the sum over all processes of the gradients
    that their losses send to these rows. So every process must use what it gathered in its loss and
    run backward; otherwise the others wait for it. Without a process group, `rows` itself.

    Parameters
    ----------
    rows : (n, ...) tensor
        n may differ between processes and may be 0; dtype and the other dimensions may not. Whole
        numbers (item ids) are gathered too, without a gradient.

    Raises
    ------
    ValueError
        In all processes, if the rows of two processes have different sizes.
    """
    if world_size() == 1:
        return rows
    counts = _row_counts(rows)
    return _GatherRows.apply(rows, counts)


def _row_counts(rows: Tensor) -> list[int]:
    """The number of rows of every process."""
    own = torch.tensor([len(rows), rows[:1].numel() if len(rows) else -1], device=rows.device)
    shapes = [torch.empty_like(own) for _ in range(world_size())]
    dist.all_gather(shapes, own)
    counts, sizes = zip(*(shape.tolist() for shape in shapes), strict=True)
    if len(set(sizes) - {-1}) > 1:
        raise ValueError(
            f"gather_rows got rows of {list(sizes)} numbers from the processes 0 to "
            f"{len(sizes) - 1}: all processes must hand in rows of the same shape"
        )
    return list(counts)


class _GatherRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, counts: list[int]) -> Tensor:
        ctx.start = sum(counts[: rank()])
        ctx.count = len(rows)
        # Collectives want equal shapes: pad to the longest, gather, cut.
        padded = rows.new_zeros((max(counts), *rows.shape[1:]))
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(parts, padded)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        # Sum and cut, where a reduce-scatter would do: Gloo has none in all versions of torch.
        total = grad.contiguous().clone()
        dist.all_reduce(total)
        return total[ctx.start : ctx.start + ctx.count], None


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace each parameter's gradient by its mean over the processes.

    A plain all-reduce after the backward pass, in place of `DistributedDataParallel`: that needs
    every computation to go through `module.forward`, once, and a two-tower model has two doors. A
    parameter without a gradient in some processes counts as 0 there; without one anywhere, it stays
    without one, so that the optimiser passes it over as it would in a single process.
    """
    if world_size() == 1:
        return
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    if not parameters:
        return
    used = torch.tensor(
        [parameter.grad is not None for parameter in parameters],
        dtype=torch.int32,
        device=parameters[0].device,
    )
    dist.all_reduce(used, dist.ReduceOp.MAX)
    pending = []
    for parameter, is_used in zip(parameters, used.tolist(), strict=True):
        if not is_used:
            continue
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        parameter.grad /= world_size()
        pending.append(dist.all_reduce(parameter.grad, async_op=True))
    for work in pending:
        work.wait()


def copy_from_first(module: nn.Module) -> None:
    """Give every process the weights and buffers of process 0."""
    if world_size() == 1:
        return
    with torch.no_grad():
        for tensor in [*module.parameters(), *module.buffers()]:
            dist.broadcast(tensor, 0)


def from_first(value: _T) -> _T:
    """Process 0's value: plain data, such as a number, text or bytes."""
    if world_size() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values, 0)
    return values[0]


def mean_over_processes(values: Tensor) -> Tensor:
    """The elementwise mean of all processes' values."""
    if world_size() == 1:
        return values
    total = values / world_size()
    dist.all_reduce(total)
    return total
