"""What the checks hand to a submission and cannot hand over as plain data.

The text of this file is run on the submission's side, so it imports NumPy and torch only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

INPUT, HIDDEN, PROJECTED = 256, 32, 48


def make_encoder(rng: np.random.Generator) -> tuple[nn.Module, nn.Module]:
    """A fresh encoder and its projection head, in training mode, with weights drawn from rng."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        encoder = nn.Sequential(nn.BatchNorm1d(INPUT), nn.Dropout(0.1), nn.Linear(INPUT, HIDDEN))
        return encoder, nn.Linear(HIDDEN, PROJECTED)


def spread_loss(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """Some loss to train with where quality is not judged: near pairs, spread columns."""
    spread = torch.relu(1.0 - torch.cat([z_a, z_b]).std(0)).mean()
    return (z_a - z_b).square().mean() / temperature + spread


_likeness: list[float] = []


def recording_loss(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """As `spread_loss`; notes how alike the two sides' rows are."""
    cosine = torch.nn.functional.cosine_similarity(z_a.detach(), z_b.detach(), dim=1)
    _likeness.append(float(cosine.mean()))
    return spread_loss(z_a, z_b, temperature)


def seen_likeness() -> list[float]:
    """The mean cosines that `recording_loss` saw since this was last asked, in order."""
    seen = list(_likeness)
    _likeness.clear()
    return seen


def flat_loss(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """A loss from which nothing can be learned: 0, with gradient 0."""
    return 0.0 * (z_a.sum() + z_b.sum())


def augments(
    function: Callable, items: np.ndarray, kind: str, rate: float, mask_id: int, rng: Any
) -> tuple[bool, bool]:
    """What `augment_sequence` did to its input: (changed it, returned memory of it)."""
    before = items.copy()
    varied = function(items, kind, rate, mask_id, rng)
    return not np.array_equal(before, items), bool(np.shares_memory(items, varied))


State = dict[str, torch.Tensor]


def averages(
    function: Callable, query_state: State, key_state: State, m: float
) -> tuple[bool, list[str]]:
    """What `momentum_update` did to its inputs: (changed one, names that share memory with one)."""
    states = (query_state, key_state)
    before = [{name: tensor.clone() for name, tensor in state.items()} for state in states]
    result = function(*states, m)
    changed = any(
        old.keys() != state.keys() or not all(torch.equal(old[name], state[name]) for name in old)
        for old, state in zip(before, states, strict=True)
    )
    inputs = {tensor.untyped_storage().data_ptr() for state in states for tensor in state.values()}
    shared = [
        name for name, tensor in result.items() if tensor.untyped_storage().data_ptr() in inputs
    ]
    return changed, shared
