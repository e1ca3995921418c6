"""Two processes against one: the same losses, gradients and training with global negatives.

`torchrun` starts this very file twice; each process writes what it found into a folder, and the
tests compare that with one process that has the joint batch.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F

from shelfspace.distributed import (
    average_gradients,
    from_first,
    gather_rows,
    mean_over_processes,
    process_group,
    rank,
    world_size,
)
from shelfspace.training import (
    Checkpoints,
    EmbeddingLoss,
    TrainingError,
    TrainingSettings,
    rows_of,
    seeded,
    train,
)

ROOT = Path(__file__).parents[1]
TIGHT = {"rtol": 0, "atol": 1e-12}

pytestmark = pytest.mark.slow  # each starts processes that load torch


class Towers(nn.Module):
    """Two doors and no forward: what `DistributedDataParallel` can't wrap."""

    def __init__(self, seed=0):
        super().__init__()
        with seeded(seed):
            self.users = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
            self.items = nn.Embedding(30, 3)
        self.register_buffer("hidden", torch.arange(3) == seed)
        self.double()


def joint_batch(seed=0, n=8):
    """Users, the items they chose (some twice) and log q."""
    rng = np.random.default_rng(seed)
    users = torch.from_numpy(rng.normal(size=(n, 5)))
    return users, torch.from_numpy(rng.integers(6, size=n)), torch.from_numpy(rng.random(n))


def embed(module, batch):
    return module.users(batch[0]), module.items(batch[1])


def symmetric(z_a, z_b):
    """InfoNCE in both directions, on everything that is handed in."""
    logits = F.normalize(z_a) @ F.normalize(z_b).T / 0.3
    labels = torch.arange(len(logits))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def one_sided(users, items, own_ids, ids, log_q, first=0):
    """Own users against all items: minus log q, without items that are the positive again."""
    labels = first + torch.arange(len(users))
    logits = users @ items.T / 0.3 - log_q
    again = own_ids[:, None] == ids[None, :]
    again[torch.arange(len(users)), labels] = False
    return F.cross_entropy(logits.masked_fill(again, -torch.inf), labels)


def symmetric_gathered(batch, users, items):
    return symmetric(gather_rows(users), gather_rows(items))


def one_sided_gathered(batch, users, items):
    ids, log_q = gather_rows(batch[1]), gather_rows(batch[2])
    first = rank() * len(users)
    return one_sided(users, gather_rows(items), batch[1], ids, log_q, first)


def gathered_without_gradient(rows):
    """The wrong way: other processes' rows are constants, only one's own carry a gradient."""
    parts = [torch.empty_like(rows) for _ in range(world_size())]
    dist.all_gather(parts, rows.detach())
    parts[rank()] = rows
    return torch.cat(parts)


def symmetric_detached(batch, users, items):
    return symmetric(gathered_without_gradient(users), gathered_without_gradient(items))


def one_sided_detached(batch, users, items):
    ids, log_q = gather_rows(batch[1]), gather_rows(batch[2])
    columns = gathered_without_gradient(items)
    return one_sided(users, columns, batch[1], ids, log_q, rank() * len(users))


LOSSES = {
    "symmetric": (symmetric_gathered, None),
    "symmetric, cached": (symmetric_gathered, 3),
    "one-sided": (one_sided_gathered, None),
    "one-sided, cached": (one_sided_gathered, 3),
    "symmetric, wrong": (symmetric_detached, None),
    "one-sided, wrong": (one_sided_detached, None),
}
SETTINGS = TrainingSettings(steps=9, learning_rate=0.05, validate_every=2, patience=3)


def batches(rng):
    return (joint_batch(int(rng.integers(1000))) for _ in range(4))


def validate(module):
    return module.items.weight.sum().item()


def gradients(module):
    return torch.cat([parameter.grad.flatten() for parameter in module.parameters()])


def weights(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def one_process(loss, chunk_rows):
    module = Towers()
    batch = joint_batch()
    batch = rows_of(batch, 4 * rank(), 4 * rank() + 4) if world_size() > 1 else batch
    loss_of = EmbeddingLoss(embed, loss, chunk_rows)
    if chunk_rows:
        value = loss_of.cached_backward(module, batch)
    else:
        value = loss_of(module, batch)
        value.backward()
    average_gradients(module.parameters())
    return mean_over_processes(value.detach()), gradients(module)


def trained(loss, chunk_rows=None, module=None, **more):
    module = Towers() if module is None else module
    loss_of = EmbeddingLoss(embed, loss, chunk_rows)
    more = {"batches": batches, "validate": validate, "progress": False} | more
    result = train(module, more.pop("batches"), loss_of, SETTINGS, seed=0, **more)
    return weights(module), result.losses, result.validations


# What each of the two processes does


def raises(error, call):
    try:
        call()
    except error as caught:
        return str(caught)
    return ""


def uneven_rows():
    """Three and five rows: the gathered ones and the gradient of the own."""
    rows = joint_batch()[0][: 3 if rank() == 0 else 5].clone().requires_grad_()
    everything = gather_rows(rows)
    ((rank() + 1) * everything.square()).sum().backward()
    none = gather_rows(torch.zeros(rank() * 2, 5))
    return everything.detach(), rows.detach(), rows.grad, none


def half_used():
    """A parameter that only process 1 uses, and one that nobody does."""
    module = nn.ModuleDict({name: nn.Linear(2, 1, bias=False) for name in ("both", "one", "none")})
    x = torch.ones(1, 2)
    loss = module["both"](x).sum() + (module["one"](3 * x).sum() if rank() else 0.0)
    loss.backward()
    average_gradients(module.parameters())
    return [module[name].weight.grad for name in ("both", "one", "none")]


def interrupted_training(folder):
    """Training that breaks off in step 6 in both processes, and goes on."""
    calls = []

    def breaking(batch, users, items):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return symmetric_gathered(batch, users, items)

    checkpoints = Checkpoints(folder, every_steps=2)
    with contextlib.suppress(KeyboardInterrupt):
        trained(breaking, checkpoints=checkpoints)
    return trained(symmetric_gathered, checkpoints=checkpoints)


def one_of_two(folder):
    with process_group() as device:
        assert device.type == "cpu"
        found = {name: one_process(*parts) for name, parts in LOSSES.items()}
        found["trained"] = trained(symmetric_gathered)
        found["trained, cached"] = trained(one_sided_gathered, 3)
        found["trained, other start"] = trained(symmetric_gathered, module=Towers(seed=rank()))
        found["interrupted"] = interrupted_training(folder / "checkpoints")
        found["uneven"] = uneven_rows()
        found["half used"] = half_used()
        found["bools"] = gather_rows(torch.tensor([rank() == 1]))
        found["first"] = from_first({"metric": rank() + 0.5})
        found["other width"] = raises(ValueError, lambda: gather_rows(torch.zeros(2, 2 + rank())))
        odd = {"batches": lambda rng: [joint_batch(n=7)]}
        found["odd batch"] = raises(TrainingError, lambda: trained(symmetric_gathered, **odd))
        found["different metrics"] = trained(
            symmetric_gathered, validate=lambda module: float(-rank() - module.items.weight.sum())
        )[2]
        torch.save(found, folder / f"{rank()}.pt")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the two processes found."""
    folder = tmp_path_factory.mktemp("found")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", __file__, str(folder)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    env |= {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [torch.load(folder / f"{number}.pt") for number in (0, 1)]


# What must hold


@pytest.mark.parametrize("name", [name for name in LOSSES if "wrong" not in name])
def test_loss_and_gradients_are_those_of_the_joint_batch(found, name):
    expected = one_process(*LOSSES[name])
    for process in found:
        torch.testing.assert_close(process[name], expected, **TIGHT)


@pytest.mark.parametrize("name", ["symmetric", "one-sided"])
def test_a_gather_without_gradient_gives_other_gradients(found, name):
    """The losses agree, so only gradients tell; and so the test above can fail."""
    loss, gradient = one_process(*LOSSES[name])
    wrong_loss, wrong = found[0][f"{name}, wrong"]
    torch.testing.assert_close(wrong_loss, loss, **TIGHT)
    assert (wrong - gradient).norm() > 0.1 * gradient.norm()
    if name == "symmetric":  # the well-known factor
        torch.testing.assert_close(2 * wrong, gradient, **TIGHT)
    else:  # which repairs nothing here
        assert (2 * wrong - gradient).norm() > 0.1 * gradient.norm()


@pytest.mark.parametrize(
    ("name", "parts"),
    [("trained", (symmetric_gathered,)), ("trained, cached", (one_sided_gathered, 3))],
)
def test_training_of_two_is_training_of_one(found, name, parts):
    expected_weights, expected_losses, expected_metrics = trained(*parts)
    assert (expected_weights - weights(Towers())).norm() > 0.1
    for end, losses, metrics in (process[name] for process in found):
        torch.testing.assert_close(end, expected_weights, rtol=0, atol=1e-6)
        np.testing.assert_allclose(losses, expected_losses, rtol=0, atol=1e-6)
        np.testing.assert_allclose(metrics, expected_metrics, rtol=0, atol=1e-6)


def test_both_processes_end_with_the_same_bits(found):
    for name in ("trained", "trained, cached", "trained, other start"):
        assert torch.equal(found[0][name][0], found[1][name][0])
    # and both began with the weights of process 0
    assert torch.equal(found[1]["trained, other start"][0], found[1]["trained"][0])


def test_a_run_of_two_goes_on_from_its_checkpoint(found):
    for process in found:
        end, losses, metrics = process["interrupted"]
        expected, expected_losses, expected_metrics = process["trained"]
        assert torch.equal(end, expected)
        assert losses == expected_losses
        assert metrics == expected_metrics


def test_uneven_row_counts_are_gathered_in_order(found):
    rows = torch.cat([process["uneven"][1] for process in found])
    for everything, own, gradient, none in (process["uneven"] for process in found):
        assert torch.equal(everything, rows)
        # the losses weigh 1 and 2: the sum over processes of d/dx w x^2
        torch.testing.assert_close(gradient, 2 * own * (1 + 2))
        assert none.shape == (2, 5)


def test_a_parameter_that_one_process_uses_gets_half_its_gradient(found):
    for process in found:
        both, one, none = process["half used"]
        assert both.tolist() == [[1.0, 1.0]]
        assert one.tolist() == [[1.5, 1.5]]
        assert none is None


def test_plain_values_travel(found):
    for process in found:
        assert process["bools"].tolist() == [False, True]
        assert process["first"] == {"metric": 0.5}


def test_what_does_not_fit_is_refused_by_all(found):
    for process in found:
        assert "rows of [2, 3] numbers" in process["other width"]
        assert "7 rows can't be dealt evenly to 2 processes" in process["odd batch"]


def test_all_processes_follow_the_first_one_s_metric(found):
    assert found[0]["different metrics"] == found[1]["different metrics"]


def test_one_process_needs_no_group(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    rows = torch.zeros(3, 2, requires_grad=True)
    with process_group() as device:
        assert device.type in ("cpu", "cuda")
        assert (rank(), world_size()) == (0, 1)
    assert gather_rows(rows) is rows
    assert from_first("this") == "this"


if __name__ == "__main__":
    torch.set_num_threads(1)
    one_of_two(Path(sys.argv[1]))
