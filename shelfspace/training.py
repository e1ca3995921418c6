"""The course's one training loop: seeded, restartable, in one process or several.

`train` fits any module with any loss. What it is made of comes in as arguments: batches, the loss,
validation. It stops early, keeps the best weights, writes checkpoints from which a killed run goes
on as if nothing had happened, and runs under `torchrun` (see `shelfspace.distributed`).

Accumulating gradients is not a larger contrastive batch
---------------------------------------------------------
With `accumulate=4`, four batches of 64 give the gradient of one batch of 256 if the loss is a mean
over rows. A contrastive loss is not: each row's negatives are the other rows *of its batch*, so it
is four problems with 63 negatives instead of one with 255. `EmbeddingLoss` with `chunk_rows` gives
the gradient of the joint batch in the memory of one chunk, at the price of a second forward pass.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import io
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from tqdm.auto import tqdm

from shelfspace.distributed import (
    average_gradients,
    copy_from_first,
    from_first,
    mean_over_processes,
    rank,
    world_size,
)
from shelfspace.throughput import Throughput, recording

_log = logging.getLogger(__name__)

LossOf = Callable[[nn.Module, Any], Tensor]
Batches = Callable[[np.random.Generator], Iterable[Any]]

_REPORT_EVERY = 10  # steps between two looks at the losses: each look makes a GPU wait
_MAGIC = "shelfspace-checkpoint-1"


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; the optimiser is AdamW (Loshchilov & Hutter 2019).

    Parameters
    ----------
    steps : int
        Updates of the weights.
    learning_rate : float
        The highest of the schedule.
    weight_decay : float
    schedule : str
        "one_cycle": cosine from 1/25 up to the highest rate, cosine down to 0 (Smith & Topin 2018,
        as in torch, without the cycle of momentum). "warmup_linear": linear up, linear down to 0
        (Devlin et al. 2019). "constant".
    warmup : float
        Share of the steps on the way up.
    accumulate : int
        Batches per step, whose gradients are averaged. It does not enlarge a contrastive batch:
        see the head of this module.
    clip : float or None
        Largest norm of the gradient.
    precision : str
        "float32"; "bfloat16": activations in bfloat16 where that is safe (autocast); "auto":
        bfloat16 on a GPU that has it, float32 elsewhere.
    validate_every : int
        Steps between two validations; 0 means once, at the end.
    patience : int or None
        Stop after so many validations in a row without a new best; None means never.
    """

    steps: int
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    schedule: Literal["one_cycle", "warmup_linear", "constant"] = "one_cycle"
    warmup: float = 0.1
    accumulate: int = 1
    clip: float | None = 1.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    validate_every: int = 0
    patience: int | None = None

    def __post_init__(self) -> None:
        for name in ("steps", "accumulate"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.schedule not in _SCHEDULES:
            raise ValueError(f"schedule must be one of {list(_SCHEDULES)}, got {self.schedule!r}")
        if self.precision not in ("auto", "float32", "bfloat16"):
            raise ValueError(
                f"precision must be 'auto', 'float32' or 'bfloat16', got {self.precision!r}"
            )
        if not 0 <= self.warmup <= 1:
            raise ValueError(f"warmup is a share of the steps, from 0 to 1, got {self.warmup}")
        if self.validate_every < 0:
            raise ValueError(f"validate_every must not be negative, got {self.validate_every}")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be at least 1 or None, got {self.patience}")


@dataclass(frozen=True)
class Checkpoints:
    """Where and how often to save a run; one folder belongs to one run.

    Parameters
    ----------
    folder : path
        Made where it is missing. The newest two checkpoints stay in it.
    every_steps : int or None
    every_seconds : float or None
        Looked at every 10 steps. A finished run is saved in any case.
    """

    folder: Path | str
    every_steps: int | None = None
    every_seconds: float | None = 60.0


@dataclass(frozen=True)
class TrainingResult:
    """What training gave.

    Parameters
    ----------
    best : float or None
        Best validation metric, at the step whose weights the module now has; None without
        validation.
    best_step : int
        Steps behind these weights.
    losses : list of float
        Per step; the mean over the batches and processes of that step.
    validations : list of (int, float)
        Steps done and metric.
    steps : int
        Steps done: fewer than asked for after an early stop.
    seconds : float
        Wall-clock time, with that of the interrupted runs that this one went on from.
    peak_memory : int
        Bytes: the GPU's memory allocated in training, or else the most that this process ever
        used; 0 where the system does not tell.
    """

    best: float | None
    best_step: int
    losses: list[float]
    validations: list[tuple[int, float]]
    steps: int
    seconds: float
    peak_memory: int


class TrainingError(RuntimeError):
    """Training that can't start or go on; its text is a sentence for the user."""


# Randomness


@contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Random numbers of torch from `seed` inside, the global state as it was outside."""
    device = torch.device(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        _set_seed(seed, device)
        yield


def _set_seed(seed: int, device: torch.device) -> None:
    # torch.manual_seed would also seed GPUs whose state nobody saved.
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)


@contextmanager
def _deterministic(device: torch.device) -> Iterator[None]:
    """On a CPU, the same sums in the same order, whatever the threads do; as before afterwards.

    Without it the gradient of `table[ids]` is summed in the order in which threads come along.
    """
    if device.type != "cpu":
        yield
        return
    memory: Any = torch.utils.deterministic
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        memory.fill_uninitialized_memory,
    )
    torch.use_deterministic_algorithms(True, warn_only=True)
    memory.fill_uninitialized_memory = False  # a help to find bugs, which costs time
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        memory.fill_uninitialized_memory = before[2]


def _step_seed(seed: int, step: int) -> int:
    """The seed of one step in one process: so that no random state needs saving."""
    state = np.random.SeedSequence([seed, step, rank()]).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))


# Batches


def map_batch(change: Callable[[Any], Any], batch: Any) -> Any:
    """A batch with `change` applied to its leaves.

    Tuples (named ones too), dicts and dataclasses are branches; all else is a leaf, a list as well:
    a list is a column of objects, such as texts.
    """
    if isinstance(batch, tuple):
        parts = [map_batch(change, part) for part in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else tuple(parts)
    if isinstance(batch, dict):
        return {key: map_batch(change, part) for key, part in batch.items()}
    if is_dataclass(batch) and not isinstance(batch, type):
        parts_of = {part.name: getattr(batch, part.name) for part in fields(batch)}
        return replace(batch, **{key: map_batch(change, part) for key, part in parts_of.items()})
    return change(batch)


def _has_rows(leaf: Any) -> bool:
    return isinstance(leaf, list) or (isinstance(leaf, Tensor | np.ndarray) and leaf.ndim > 0)


def row_count(batch: Any) -> int:
    """How many rows a batch has: the length of its tensors, arrays and lists.

    Numbers, texts, None and 0-dimensional tensors have no rows.

    Raises
    ------
    ValueError
        If the lengths differ, or there is nothing that has rows.
    """
    counts: list[int] = []
    map_batch(lambda leaf: counts.append(len(leaf)) if _has_rows(leaf) else None, batch)
    if len(set(counts)) != 1:
        raise ValueError(
            "to be split, a batch needs tensors, arrays or lists of one common length, got lengths "
            f"{counts}: what all rows share belongs into the loss, not into the batch"
        )
    return counts[0]


def rows_of(batch: Any, start: int, stop: int) -> Any:
    """The rows from `start` to before `stop` of everything in a batch that has rows."""
    return map_batch(lambda leaf: leaf[start:stop] if _has_rows(leaf) else leaf, batch)


def _token_count(batch: Any) -> int:
    """What the boolean masks of a batch let through."""
    counts = [0]

    def count(leaf: Any) -> None:
        if isinstance(leaf, Tensor) and leaf.dtype == torch.bool and leaf.ndim > 1:
            counts.append(int(leaf.sum()))

    map_batch(count, batch)
    return sum(counts)


def _part_of_this_process(batch: Any) -> Any:
    """This process's equal share of a joint batch."""
    if world_size() == 1:
        return batch
    count, odd = divmod(row_count(batch), world_size())
    if odd or not count:
        raise TrainingError(
            f"A joint batch of {row_count(batch)} rows can't be dealt evenly to {world_size()} "
            "processes: make batches whose size is a multiple of their number."
        )
    return rows_of(batch, rank() * count, (rank() + 1) * count)


def _to_device(batch: Any, device: torch.device) -> Any:
    return map_batch(lambda leaf: leaf.to(device) if isinstance(leaf, Tensor) else leaf, batch)


# Losses


@dataclass(frozen=True)
class EmbeddingLoss:
    """A loss on embeddings, computed in float32 and, if wanted, by chunks of rows.

    In `train`, autocast covers `embed` only: logits of a contrastive loss are differences of large
    numbers, which 8 bits of precision do not carry.

    With `chunk_rows`, gradients are cached (Gao et al. 2021, GradCache): embeddings of all rows,
    chunk by chunk and without a graph; the loss on the joint batch and its gradients with respect
    to the embeddings; then each chunk again, with a graph, backward from its cached gradients.
    The result is the joint batch's gradient, exactly, as long as `embed` treats rows one by one
    (batch normalisation does not). Dropout is the same in both passes.

    Parameters
    ----------
    embed : callable
        `embed(module, batch) -> Tensor or tuple of tensors`, one row per row of the batch. With
        several processes, `gather_rows` belongs into `loss`.
    loss : callable
        `loss(batch, *embeddings) -> Tensor` with one number.
    chunk_rows : int or None
        Rows that fit into memory; None means all.
    """

    embed: Callable[[nn.Module, Any], Tensor | tuple[Tensor, ...]]
    loss: Callable[..., Tensor]
    chunk_rows: int | None = None

    def __post_init__(self) -> None:
        if self.chunk_rows is not None and self.chunk_rows < 1:
            raise ValueError(f"chunk_rows must be at least 1 or None, got {self.chunk_rows}")

    def __call__(self, module: nn.Module, batch: Any) -> Tensor:
        """The loss, with a graph of the whole batch."""
        return self._joint_loss(batch, self._embeddings(module, batch))

    def cached_backward(self, module: nn.Module, batch: Any, bfloat16: bool = False) -> Tensor:
        """The loss, detached; its gradients are added to those of the module, chunk by chunk."""
        assert self.chunk_rows is not None
        device = _device_of(module)
        batch_rows = row_count(batch)
        starts = range(0, batch_rows, self.chunk_rows)
        chunks = [rows_of(batch, start, start + self.chunk_rows) for start in starts]
        seeds = torch.randint(2**62, (len(chunks),)).tolist()

        def embed(chunk: Any, seed: int) -> tuple[Tensor, ...]:
            with seeded(seed, device), _autocast(device, bfloat16):
                return self._embeddings(module, chunk)

        with torch.no_grad():
            parts = [embed(chunk, seed) for chunk, seed in zip(chunks, seeds, strict=True)]
        joint = tuple(torch.cat(part) for part in zip(*parts, strict=True))
        for whole in joint:
            whole.requires_grad_(whole.is_floating_point())
        loss = _checked(self._joint_loss(batch, joint))
        loss.backward()
        for start, chunk, seed in zip(starts, chunks, seeds, strict=True):
            outputs, gradients = [], []
            for output, whole in zip(embed(chunk, seed), joint, strict=True):
                if output.requires_grad and whole.grad is not None:
                    outputs.append(output)
                    gradients.append(whole.grad[start : start + self.chunk_rows])
            torch.autograd.backward(outputs, gradients)
        return loss.detach()

    def _embeddings(self, module: nn.Module, batch: Any) -> tuple[Tensor, ...]:
        embeddings = self.embed(module, batch)
        return embeddings if isinstance(embeddings, tuple) else (embeddings,)

    def _joint_loss(self, batch: Any, embeddings: tuple[Tensor, ...]) -> Tensor:
        device = embeddings[0].device
        with torch.autocast(device.type, enabled=False):
            return self.loss(batch, *(_at_least_float32(part) for part in embeddings))


def _at_least_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor


def _backward(loss_of: LossOf, module: nn.Module, batch: Any, bfloat16: bool) -> Tensor:
    """Add the gradients of one batch; the loss, detached."""
    if isinstance(loss_of, EmbeddingLoss) and loss_of.chunk_rows is not None:
        return loss_of.cached_backward(module, batch, bfloat16)
    with _autocast(_device_of(module), bfloat16):
        loss = _checked(loss_of(module, batch))
    loss.backward()
    return loss.detach()


def _checked(loss: Any) -> Tensor:
    if isinstance(loss, Tensor) and loss.numel() == 1 and loss.requires_grad:
        return loss.reshape(())
    what = f"a tensor of the shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else repr(loss)
    if isinstance(loss, Tensor) and loss.numel() == 1:
        what = "one that does not depend on the weights (was it detached?)"
    raise TrainingError(f"The loss must be a tensor with one number to differentiate, got {what}.")


def _autocast(device: torch.device, bfloat16: bool) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


def _uses_bfloat16(precision: str, device: torch.device) -> bool:
    has_it = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "bfloat16" and device.type == "cuda" and not has_it:
        raise TrainingError("This GPU has no bfloat16: choose the precision 'float32' or 'auto'.")
    return has_it if precision == "auto" else precision == "bfloat16"


# Schedules: the learning rate as a share of the highest, by the share of the steps done


def _one_cycle(done: float, warmup: float) -> float:
    if done < warmup:
        return 1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * done / warmup)) / 2
    return (1 + math.cos(math.pi * _share_after(done, warmup))) / 2


def _warmup_linear(done: float, warmup: float) -> float:
    return done / warmup if done < warmup else 1 - _share_after(done, warmup)


def _share_after(done: float, warmup: float) -> float:
    return (done - warmup) / (1 - warmup) if warmup < 1 else 0.0


_SCHEDULES: dict[str, Callable[[float, float], float]] = {
    "one_cycle": _one_cycle,
    "warmup_linear": _warmup_linear,
    "constant": lambda done, warmup: 1.0,
}


def rate_share(settings: TrainingSettings, step: int) -> float:
    """The learning rate of a step, counted from 0, as a share of the highest."""
    # The first step is not at 0, nor the last: neither would change a weight.
    done = (step + 1) / (settings.steps + 1)
    return _SCHEDULES[settings.schedule](done, settings.warmup)


# The loop


@dataclass
class _Progress:
    """How far a run is: plain data, saved with every checkpoint."""

    step: int = 0
    epoch: int = 0
    taken: int = 0  # batches of this epoch
    losses: list[float] = field(default_factory=list)
    validations: list[tuple[int, float]] = field(default_factory=list)
    best: float | None = None
    best_step: int = 0
    best_weights: dict[str, Tensor] | None = None
    seconds: float = 0.0
    step_seconds: float = 0.0  # of all steps, without validation and checkpoints
    tokens: int = 0
    finished: bool = False


def train(
    module: nn.Module,
    batches: Batches,
    loss_of: LossOf,
    settings: TrainingSettings,
    *,
    seed: int,
    validate: Callable[[nn.Module], float] | None = None,
    parameters: Sequence[dict[str, Any]] | None = None,
    checkpoints: Checkpoints | None = None,
    identity: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> TrainingResult:
    """Train `module` in place, on the device it is on; it ends in eval mode.

    On a CPU, the same seed, module and batches give the same weights to the last bit, whether a run
    was killed and went on from its checkpoints or not. Global random state is left as it was.

    Parameters
    ----------
    module : nn.Module
    batches : callable
        `batches(rng) -> iterable of batches`, one epoch; it is called anew for every epoch, with
        that epoch's own generator, and must depend on nothing else that changes: a run that goes
        on in mid-epoch draws the epoch again and skips what it had. A sampler that draws single
        batches is a short epoch, `lambda rng: [draw(rng)]`, with nothing to skip. Batches are
        tensors, or tuples, dicts or dataclasses of them; tensors are moved to the module's device.
        With several processes a batch is the joint one, the same in all, and each takes its share
        of the rows.
    loss_of : callable
        `loss_of(module, batch) -> Tensor` with one number; an `EmbeddingLoss` for contrastive
        losses in bfloat16 or in chunks.
    settings : TrainingSettings
    seed : int
        Of batches and dropout (initial weights are the module's own matter); not negative.
    validate : callable or None
        `validate(module) -> float`, higher is better; called in eval mode, without gradients or
        autocast, in every process (process 0's figure counts). The best weights are put back at
        the end.
    parameters : sequence of dict or None
        AdamW's parameter groups, each with "params" and perhaps its own "lr" and "weight_decay";
        a group's "lr" follows the same schedule. None means all that require a gradient.
    checkpoints : Checkpoints or None
        Where to save the run and to go on from. Damaged checkpoints are set aside with a warning,
        and if saving fails (a full disk), one warning is given and training goes on.
    identity : mapping or None
        Plain data that says what this run is, such as its configuration and hashes of its data:
        a checkpoint with another identity is refused. Settings, seed, shapes of the weights, kind
        of device, number of processes, torch's version and the source files of the module, batches,
        loss and validation belong to it anyway.
    progress : bool
        Whether to show a progress bar (in process 0).

    Raises
    ------
    TrainingError
        If the folder's checkpoints are of another run; if the loss is no single number, does not
        depend on the weights, or stops being finite; if a batch can't be dealt evenly; if
        `torchrun` started this process and no process group was joined.
    """
    device = _device_of(module)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and world_size() == 1:
        raise TrainingError(
            "torchrun started several processes that know nothing of each other: call train "
            "within `with process_group():`."
        )
    loop = _Loop(module, loss_of, settings, device, seed, validate, parameters)
    copy_from_first(module)
    store = None
    if checkpoints is not None:
        parts = [module, batches, loss_of, validate]
        store = _Store(checkpoints, _full_identity(module, settings, seed, identity, parts))
        loop.load(from_first(store.newest() if rank() == 0 else None), store)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    with seeded(seed, device), _deterministic(device):
        loop.run(batches, store, show=progress and rank() == 0)
        if (found := recording()) is not None:
            found.append(loop.throughput(batches))
    loop.optimizer.zero_grad(set_to_none=True)  # gradients need as much memory as the weights
    state = loop.progress
    if state.best_weights is not None:
        module.load_state_dict(state.best_weights)
    module.eval()
    return TrainingResult(
        best=state.best,
        best_step=state.best_step if state.best_weights is not None else state.step,
        losses=state.losses,
        validations=state.validations,
        steps=state.step,
        seconds=state.seconds,
        peak_memory=_peak_memory(device),
    )


class _Loop:
    """The parts that stay the same from step to step, and the progress."""

    def __init__(
        self,
        module: nn.Module,
        loss_of: LossOf,
        settings: TrainingSettings,
        device: torch.device,
        seed: int,
        validate: Callable[[nn.Module], float] | None,
        parameters: Sequence[dict[str, Any]] | None,
    ) -> None:
        self.module = module
        self.loss_of = loss_of
        self.settings = settings
        self.device = device
        self.seed = seed
        self.validate = validate
        self.bfloat16 = _uses_bfloat16(settings.precision, device)
        groups = parameters or [{"params": [p for p in module.parameters() if p.requires_grad]}]
        self.optimizer = torch.optim.AdamW(
            groups, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        for group in self.optimizer.param_groups:
            group["highest_lr"] = group["lr"]
        self.trained = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.progress = _Progress()
        self.pending: list[Tensor] = []  # losses that were not looked at yet

    def run(self, batches: Batches, store: _Store | None, show: bool) -> None:
        """Steps until the end, an early stop or an error."""
        state = self.progress
        stream = self._stream(batches)
        before = state.seconds
        start = time.perf_counter()
        with tqdm(
            total=self.settings.steps, initial=state.step, disable=not show, unit="step"
        ) as bar:
            while not state.finished:
                with self._stepping():
                    self._step(stream)
                bar.update()
                last = state.step == self.settings.steps
                if self._validates_after(state.step):
                    self._validate()
                state.finished = last or self._out_of_patience()
                asked = store is not None and store.wants(state.step)
                if not (state.finished or asked or state.step % _REPORT_EVERY == 0):
                    continue
                with self._stepping():  # a GPU works until here
                    self._look_at_losses()
                bar.set_postfix(self._figures(), refresh=False)
                state.seconds = before + time.perf_counter() - start
                if store is not None and rank() == 0 and (state.finished or store.is_due(asked)):
                    store.save(state.step, self._saved())

    def _stream(self, batches: Batches) -> Iterator[Any]:
        """Batches without end, from where the run is."""
        state = self.progress
        while True:
            rng = np.random.default_rng([self.seed, state.epoch])
            for batch in islice(batches(rng), state.taken, None):
                state.taken += 1
                yield batch
            if state.taken == 0:
                raise TrainingError(f"batches gave no batch in epoch {state.epoch}.")
            state.epoch += 1
            state.taken = 0

    def _step(self, stream: Iterator[Any]) -> None:
        """One update of the weights."""
        settings, state = self.settings, self.progress
        self.module.train()
        _set_seed(_step_seed(self.seed, state.step), self.device)
        self.optimizer.zero_grad(set_to_none=True)
        losses = []
        for _ in range(settings.accumulate):
            joint = next(stream)
            state.tokens += _token_count(joint)
            batch = _to_device(_part_of_this_process(joint), self.device)
            losses.append(_backward(self.loss_of, self.module, batch, self.bfloat16))
        for parameter in self.trained:
            if parameter.grad is not None and settings.accumulate > 1:
                parameter.grad /= settings.accumulate
        average_gradients(self.trained)
        if settings.clip is not None:
            nn.utils.clip_grad_norm_(self.trained, settings.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = group["highest_lr"] * rate_share(settings, state.step)
        self.optimizer.step()
        state.step += 1
        self.pending.append(torch.stack(losses).mean())

    @contextmanager
    def _stepping(self) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.progress.step_seconds += time.perf_counter() - start

    def throughput(self, batches: Batches) -> Throughput:
        """How fast it was; one more batch is computed, on which operations are counted."""
        batch = next(iter(batches(np.random.default_rng([self.seed, 0]))))
        batch = _to_device(_part_of_this_process(batch), self.device)
        with FlopCounterMode(display=False) as counter:
            _backward(self.loss_of, self.module, batch, self.bfloat16)
        state = self.progress
        return Throughput(
            module=type(self.module).__name__,
            parameters=sum(parameter.numel() for parameter in self.trained),
            steps=state.step,
            step_seconds=state.step_seconds / state.step,
            tokens=state.tokens / state.step,
            operations=float(counter.get_total_flops() * self.settings.accumulate * world_size()),
            dtype=torch.bfloat16 if self.bfloat16 else torch.float32,
            device=self.device,
        )

    def _look_at_losses(self) -> None:
        """Move the pending losses into the history; all must be finite."""
        losses = mean_over_processes(torch.stack(self.pending)).tolist()
        self.pending.clear()
        self.progress.losses += losses
        for number, loss in enumerate(self.progress.losses[-len(losses) :]):
            if not math.isfinite(loss):
                step = len(self.progress.losses) - len(losses) + number + 1
                raise TrainingError(
                    f"The loss became {loss} at step {step}: lower the learning rate, or look for "
                    "a division by zero or an overflow in the loss."
                )

    def _validates_after(self, step: int) -> bool:
        every = self.settings.validate_every
        due = step == self.settings.steps or (every > 0 and step % every == 0)
        return self.validate is not None and due

    def _validate(self) -> None:
        assert self.validate is not None
        state = self.progress
        self.module.eval()
        with torch.no_grad():
            metric = from_first(float(self.validate(self.module)))
        state.validations.append((state.step, metric))
        if state.best is None or metric > state.best or _is_first_number(metric, state.best):
            state.best, state.best_step = metric, state.step
            weights = self.module.state_dict()
            state.best_weights = {name: w.detach().cpu().clone() for name, w in weights.items()}

    def _out_of_patience(self) -> bool:
        patience, state = self.settings.patience, self.progress
        since_best = sum(step > state.best_step for step, _ in state.validations)
        return patience is not None and since_best >= patience

    def _figures(self) -> dict[str, str]:
        state = self.progress
        recent = state.losses[-_REPORT_EVERY:]
        figures = {"loss": f"{sum(recent) / len(recent):.4f}"}
        if state.validations:
            figures |= {"valid": f"{state.validations[-1][1]:.4f}", "best": f"{state.best:.4f}"}
        return figures

    def _saved(self) -> dict[str, Any]:
        return {
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }

    def load(self, body: bytes | None, store: _Store) -> None:
        """Go on from a checkpoint, if there is one."""
        if body is None:
            return
        saved = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
        store.refuse_other(saved["identity"])
        self.module.load_state_dict(saved["module"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.progress = _Progress(**saved["progress"])


def _is_first_number(metric: float, best: float) -> bool:
    return math.isnan(best) and not math.isnan(metric)


def _device_of(module: nn.Module) -> torch.device:
    parameter = next(module.parameters(), None)
    if parameter is None:
        raise TrainingError(f"{type(module).__name__} has no weights to train.")
    return parameter.device


def _peak_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


# Checkpoints: a header line with the body's hash, and a body written by torch.save


class _Store:
    """The checkpoints of one run in one folder."""

    def __init__(self, checkpoints: Checkpoints, identity: dict[str, str]) -> None:
        self.folder = Path(checkpoints.folder)
        self.every_steps = checkpoints.every_steps
        self.every_seconds = checkpoints.every_seconds
        self.identity = identity
        self.last = time.monotonic()
        self.warned = False

    def wants(self, step: int) -> bool:
        """Whether a checkpoint is due after this number of steps."""
        return self.every_steps is not None and step % self.every_steps == 0

    def is_due(self, asked: bool) -> bool:
        """Whether a checkpoint is due, by steps or by time."""
        seconds = self.every_seconds
        return asked or (seconds is not None and time.monotonic() - self.last >= seconds)

    def newest(self) -> bytes | None:
        """The body of the newest checkpoint that is whole; damaged ones are set aside."""
        for path in sorted(self.folder.glob("step-*.ckpt"), reverse=True):
            try:
                header, _, body = path.read_bytes().partition(b"\n")
                if header.decode("ascii", "replace") == _header(body):
                    return body
                problem = "is damaged"
            except OSError as error:
                problem = f"can't be read ({error.strerror or error})"
            aside = path.with_suffix(".damaged")
            try:
                os.replace(path, aside)
                problem += f" and was set aside as {aside.name}"
            except OSError:
                pass  # it stays where it is; the warning says which one it is
            _log.warning(f"The checkpoint {path} {problem}; the one before it is used, if any.")
        return None

    def refuse_other(self, identity: dict[str, str]) -> None:
        for key in sorted(self.identity.keys() | identity.keys()):
            was, now = identity.get(key, "missing"), self.identity.get(key, "missing")
            if was != now:
                raise TrainingError(
                    f"The checkpoints in {self.folder} are of another run ({key} was {was}, now it "
                    f"is {now}): name another folder, or delete this one to start anew."
                )

    def save(self, step: int, saved: dict[str, Any]) -> None:
        """Write a checkpoint in one step and keep the newest two; failure is one warning."""
        buffer = io.BytesIO()
        torch.save({**saved, "identity": self.identity}, buffer)
        path = self.folder / f"step-{step:09d}.ckpt"
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("wb") as file:
                    file.write(_header(buffer.getbuffer()).encode() + b"\n")
                    file.write(buffer.getbuffer())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
            for old in sorted(self.folder.glob("step-*.ckpt"))[:-2]:
                old.unlink()
            for old in self.folder.glob("step-*.tmp"):  # of a process that was killed
                old.unlink()
        except OSError as error:
            if not self.warned:
                _log.warning(
                    f"Training can't be saved in {self.folder} ({error.strerror or error}); it "
                    "goes on, but if it is interrupted it starts from an older checkpoint or anew: "
                    "make room there, or name another folder."
                )
            self.warned = True
        self.last = time.monotonic()


def _header(body: Any) -> str:
    return f"{_MAGIC} {hashlib.sha256(body).hexdigest()}"


def _full_identity(
    module: nn.Module,
    settings: TrainingSettings,
    seed: int,
    identity: Mapping[str, Any] | None,
    parts: Sequence[Any],
) -> dict[str, str]:
    """What a checkpoint must agree with, as texts by name."""
    shapes = {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
    named = {
        **{f"settings.{name}": value for name, value in asdict(settings).items()},
        "seed": seed,
        "processes": world_size(),
        "device": _device_of(module).type,
        "torch": torch.__version__,
        "shapes": _hash(json.dumps(shapes, sort_keys=True)),
        "code": _hash("\n".join(_source(part) for part in [train, *parts])),
        **{f"identity.{name}": value for name, value in (identity or {}).items()},
    }
    return {name: json.dumps(value, sort_keys=True, default=str) for name, value in named.items()}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _source(part: Any) -> str:
    """The source of the file that a function or an object's class stands in, as far as known."""
    if isinstance(part, functools.partial):
        return _source(part.func)
    if isinstance(part, EmbeddingLoss):
        return _source(part.embed) + _source(part.loss)
    thing = part if inspect.isroutine(part) or isinstance(part, type) else type(part)
    for candidate in (inspect.getmodule(thing), thing):  # a notebook has no file, but cells
        try:
            return inspect.getsource(candidate)  # type: ignore[arg-type]
        except (OSError, TypeError):
            continue
    return ""
