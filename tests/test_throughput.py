"""What training did per second, and what the hardware could do."""

import time

import numpy as np
import pytest
import torch
from torch import nn

from shelfspace.runs import training_rows
from shelfspace.throughput import gemm_peak, recorded
from shelfspace.training import TrainingSettings, train

ROWS, WIDTH, OUT = 16, 12, 4


class Masked(nn.Module):
    """A linear layer on the events that a mask lets through."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, OUT, bias=False)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.linear(x) * mask.any(1, keepdim=True)


def batches(rng: np.random.Generator) -> list[tuple[torch.Tensor, torch.Tensor]]:
    mask = torch.zeros(ROWS, 5, dtype=torch.bool)
    mask[:, :3] = True
    return [(torch.from_numpy(rng.normal(size=(ROWS, WIDTH))).float(), mask)]


def fitted(module: nn.Module, steps: int = 7) -> None:
    loss_of = lambda module, batch: module(*batch).square().mean()  # noqa: E731
    train(module, batches, loss_of, TrainingSettings(steps), seed=3, progress=False)


def test_every_training_inside_leaves_its_operations_and_tokens():
    with recorded() as found:
        fitted(Masked())
        fitted(Masked(), steps=2)
    assert [one.steps for one in found] == [7, 2]
    one = found[0]
    # forward, and the gradient of the weights; the inputs have none
    assert one.operations == 2 * 2 * ROWS * WIDTH * OUT
    assert one.tokens == 3 * ROWS
    assert (one.module, one.parameters, one.dtype) == ("Masked", WIDTH * OUT, torch.float32)
    assert 0 < one.step_seconds < 1


def test_recording_changes_no_weight_and_ends_with_its_block():
    torch.manual_seed(0)
    plain, watched = Masked(), Masked()
    watched.load_state_dict(plain.state_dict())
    fitted(plain)
    with recorded() as found:
        fitted(watched)
    assert torch.equal(plain.linear.weight, watched.linear.weight)
    fitted(plain)
    assert len(found) == 1


def test_a_record_shows_training_as_a_share_of_the_peak():
    with recorded() as found:
        fitted(Masked())
    (row,) = training_rows(found)
    assert list(row) == [
        *("module", "parameters", "steps", "s/step", "tokens/s", "GFLOP/s", "share of peak"),
    ]
    assert row["tokens/s"] == pytest.approx(3 * ROWS / row["s/step"], rel=2e-3)
    assert 0 < row["share of peak"] < 1


def test_the_peak_is_that_of_the_clock_it_is_given():
    ticks = iter(range(100))
    assert gemm_peak(8, torch.float32, clock=lambda: float(next(ticks))) == 2 * 8**3
    assert gemm_peak(64, torch.float32, clock=time.process_time) > 0
