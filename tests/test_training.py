"""The training loop: right gradients, early stops, runs that survive being killed."""

import dataclasses
import errno
import logging
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import shelfspace.training as training
from shelfspace.training import (
    Checkpoints,
    EmbeddingLoss,
    TrainingError,
    TrainingSettings,
    map_batch,
    rate_share,
    row_count,
    rows_of,
    seeded,
    train,
)

SETTINGS = TrainingSettings(steps=24, learning_rate=0.02, validate_every=4)


class Pairs(NamedTuple):
    left: torch.Tensor
    right: torch.Tensor


def make_module(dropout=0.0, seed=0, dtype=torch.float32):
    with seeded(seed):
        module = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Dropout(dropout), nn.Linear(16, 4))
    return module.to(dtype)


def draw_pairs(rng, n=8):
    left = rng.normal(size=(n, 6))
    right = left + 0.3 * rng.normal(size=(n, 6))
    return Pairs(torch.from_numpy(left).float(), torch.from_numpy(right).float())


def epoch_of_pairs(rng):
    """Seven batches: an odd epoch, so that a checkpoint falls within one."""
    return (draw_pairs(rng) for _ in range(7))


def squared_distance(module, batch):
    return (module(batch.left) - batch.right[:, :4]).square().mean()


def info_nce(z_a, z_b):
    logits = nn.functional.normalize(z_a) @ nn.functional.normalize(z_b).T / 0.2
    return nn.functional.cross_entropy(logits, torch.arange(len(z_a)))


def embed(module, batch):
    return module(batch.left), module(batch.right)


def pair_loss(batch, z_a, z_b):
    return info_nce(z_a, z_b) + info_nce(z_b, z_a)


def closeness(module):
    """A validation metric of its own fixed batch."""
    return -squared_distance(module, draw_pairs(np.random.default_rng(99), 32)).item()


def run(module=None, loss_of=squared_distance, chosen=SETTINGS, seed=3, **more):
    module = make_module(dropout=0.2) if module is None else module
    more = {"batches": epoch_of_pairs, "progress": False} | more
    batches = more.pop("batches")
    return module, train(module, batches, loss_of, chosen, seed=seed, **more)


def weights(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def gradients(module):
    return torch.cat([parameter.grad.flatten() for parameter in module.parameters()])


def figures(result):
    return dataclasses.replace(result, seconds=0.0, peak_memory=0)


# What a run gives


def test_training_learns_and_reports():
    untrained = make_module(dropout=0.2)
    module, result = run(validate=closeness)
    assert closeness(module) > closeness(untrained.eval()) + 0.1
    assert len(result.losses) == result.steps == 24
    assert np.mean(result.losses[-5:]) < np.mean(result.losses[:5])
    assert [step for step, _ in result.validations] == [4, 8, 12, 16, 20, 24]
    assert result.best == max(metric for _, metric in result.validations) == closeness(module)
    assert result.seconds > 0
    assert result.peak_memory > 2**20
    assert not module.training


def test_same_seed_same_bits_and_another_seed_others():
    (one, first), (other, second) = run(validate=closeness), run(validate=closeness)
    assert torch.equal(weights(one), weights(other))
    assert figures(first) == figures(second)
    assert not torch.equal(weights(one), weights(run(seed=4)[0]))


def test_dropout_depends_on_the_seed_alone():
    torch.manual_seed(1)
    one, _ = run(make_module(dropout=0.5), batches=lambda rng: [draw_pairs(rng)])
    torch.manual_seed(2)
    other, _ = run(make_module(dropout=0.5), batches=lambda rng: [draw_pairs(rng)])
    assert torch.equal(weights(one), weights(other))


def test_gradients_of_repeated_rows_are_summed_in_one_order(monkeypatch):
    table = nn.Embedding(50, 8)
    ids = torch.from_numpy(np.random.default_rng(0).integers(50, size=200_000))
    scale = torch.randn(200_000, 8, generator=torch.Generator().manual_seed(0))

    def loss_of(module, batch):
        return (module.weight[ids] * scale).sum()

    one_step = TrainingSettings(1, clip=None)
    sums = spy_on_gradients(monkeypatch, table)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        ends = []
        for _ in range(12):
            nn.init.constant_(table.weight, 0.5)
            train(table, lambda rng: [0], loss_of, one_step, seed=0, progress=False)
            ends.append(sums.pop())
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(ends[0], end) for end in ends)


def test_global_state_is_left_alone():
    def state():
        return (
            torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(),
            torch.are_deterministic_algorithms_enabled(),
            torch.utils.deterministic.fill_uninitialized_memory,
            torch.is_grad_enabled(),
        )

    before = state()
    run(validate=closeness)
    run(loss_of=EmbeddingLoss(embed, pair_loss, chunk_rows=3))
    with pytest.raises(TrainingError):
        run(loss_of=lambda module, batch: squared_distance(module, batch) * math.nan)
    assert state() == before


def test_every_epoch_draws_anew():
    seen = []

    def loss_of(module, batch):
        seen.append(batch.left[0, 0].item())
        return squared_distance(module, batch)

    run(loss_of=loss_of)
    assert len(set(seen)) == len(seen) == 24


# The optimiser


def by_hand(module, loss_of, batches, learning_rate=0.02, weight_decay=0.01):
    """Plain AdamW steps at a constant rate without clipping."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=weight_decay)
    for batch in batches:
        optimizer.zero_grad()
        loss_of(module, batch).backward()
        optimizer.step()
    return module


def spy_on_gradients(monkeypatch, module):
    """The gradients that the optimiser is given (its steps hardly depend on their scale)."""
    used, step = [], torch.optim.AdamW.step

    def spy(optimizer):
        used.append(gradients(module))
        return step(optimizer)

    monkeypatch.setattr(torch.optim.AdamW, "step", spy)
    return used


PLAIN = TrainingSettings(steps=6, learning_rate=0.02, schedule="constant", clip=None)


def test_the_loop_is_adamw():
    module, _ = run(make_module(), chosen=PLAIN)
    batches = list(epoch_of_pairs(np.random.default_rng([3, 0])))[:6]
    torch.testing.assert_close(
        weights(module), weights(by_hand(make_module(), squared_distance, batches))
    )


def test_accumulation_equals_a_larger_batch_if_the_loss_is_a_mean_over_rows(monkeypatch):
    batches = list(epoch_of_pairs(np.random.default_rng(0)))[:6]
    joined = [Pairs(*map(torch.cat, zip(*batches[i : i + 3], strict=True))) for i in (0, 3)]
    two = dataclasses.replace(PLAIN, steps=2)
    three_each = dataclasses.replace(two, accumulate=3)
    large, small = make_module(), make_module()
    with monkeypatch.context() as patch:
        of_large = spy_on_gradients(patch, large)
        _, result = run(large, chosen=two, batches=lambda rng: joined)
    with monkeypatch.context() as patch:
        of_small = spy_on_gradients(patch, small)
        _, other = run(small, chosen=three_each, batches=lambda rng: batches)
    torch.testing.assert_close(of_large, of_small)
    torch.testing.assert_close(weights(large), weights(small))
    np.testing.assert_allclose(result.losses, other.losses, rtol=1e-5)
    # but not for a contrastive one, whose negatives are the rows of its own batch
    contrastive = EmbeddingLoss(embed, pair_loss)
    large, result = run(make_module(), contrastive, chosen=two, batches=lambda rng: joined)
    small, other = run(make_module(), contrastive, chosen=three_each, batches=lambda rng: batches)
    assert result.losses[0] > 1.2 * other.losses[0]
    assert (weights(large) - weights(small)).abs().max() > 1e-3


@pytest.mark.parametrize(("clip", "norm"), [(0.5, 0.5), (None, 1000.0)])
def test_clipping_bounds_the_gradient(clip, norm, monkeypatch):
    module = make_module()
    used = spy_on_gradients(monkeypatch, module)
    huge = EmbeddingLoss(embed, lambda batch, z_a, z_b: 1e6 * pair_loss(batch, z_a, z_b))
    run(module, huge, dataclasses.replace(PLAIN, clip=clip))
    norms = [gradient.norm().item() for gradient in used]
    assert len(norms) == 6
    assert norms == pytest.approx([0.5] * 6, rel=1e-3) if clip else min(norms) > norm


def test_parameter_groups_keep_their_own_rates():
    module = make_module()
    frozen = module[0].weight.detach().clone()
    groups = [
        {"params": list(module[0].parameters()), "lr": 0.0, "weight_decay": 0.0},
        {"params": list(module[3].parameters())},
    ]
    last = module[3].weight.detach().clone()
    run(module, parameters=groups)
    assert torch.equal(module[0].weight, frozen)
    assert not torch.equal(module[3].weight, last)


def test_one_cycle_is_torch_s():
    chosen = TrainingSettings(steps=1000, schedule="one_cycle", warmup=0.3)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=1001)
    for step in range(1000):
        optimizer.step()
        theirs.step()
        assert rate_share(chosen, step) == pytest.approx(theirs.get_last_lr()[0], abs=3e-3)


@settings(deadline=None)
@given(
    st.sampled_from(["one_cycle", "warmup_linear", "constant"]),
    st.integers(1, 300),
    st.floats(0, 1),
)
def test_rates_stay_above_zero_rise_and_fall(schedule, steps, warmup):
    chosen = TrainingSettings(steps=steps, schedule=schedule, warmup=warmup)
    rates = np.array([rate_share(chosen, step) for step in range(steps)])
    assert (rates > 0).all()
    assert (rates <= 1).all()
    top = rates.argmax()
    assert (np.diff(rates[: top + 1]) >= -1e-12).all()
    assert (np.diff(rates[top:]) <= 1e-12).all()


# Losses on embeddings


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("chunk_rows", [1, 3, 4, 8, 100])
def test_cached_gradients_are_those_of_the_joint_batch(dropout, chunk_rows):
    batch = map_batch(torch.Tensor.double, draw_pairs(np.random.default_rng(5)))
    temperature = nn.Parameter(torch.tensor(0.3, dtype=torch.float64))

    def scaled_loss(batch, z_a, z_b):
        return pair_loss(batch, z_a / temperature, z_b) + (z_a @ z_b.T * temperature).mean()

    module = make_module(dropout, dtype=torch.float64)
    cached = EmbeddingLoss(embed, scaled_loss, chunk_rows)
    with seeded(0):
        value = cached.cached_backward(module, batch)
    ours = torch.cat([gradients(module), temperature.grad.reshape(1)])
    module.zero_grad()
    temperature.grad = None
    with seeded(0):  # the same masks of dropout, drawn chunk by chunk
        starts = range(0, 8, chunk_rows)
        parts = []
        for start, seed in zip(starts, torch.randint(2**62, (len(starts),)), strict=True):
            with seeded(int(seed)):
                parts.append(embed(module, rows_of(batch, start, start + chunk_rows)))
    joint = scaled_loss(batch, *map(torch.cat, zip(*parts, strict=True)))
    joint.backward()
    theirs = torch.cat([gradients(module), temperature.grad.reshape(1)])
    torch.testing.assert_close(value, joint.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    if dropout == 0.0:
        module.zero_grad()
        cached(module, batch).backward()
        torch.testing.assert_close(ours[:-1], gradients(module), rtol=0, atol=1e-10)


def test_averaged_chunks_are_not_the_joint_gradient():
    """The mistake that cached gradients avoid; and so the test above can fail."""
    batch = draw_pairs(np.random.default_rng(5))
    module = make_module()
    loss = EmbeddingLoss(embed, pair_loss)
    loss(module, batch).backward()
    joint = gradients(module)
    module.zero_grad()
    for start in (0, 4):
        (loss(module, rows_of(batch, start, start + 4)) / 2).backward()
    assert (joint - gradients(module)).norm() > 0.1 * joint.norm()


def test_training_by_chunks_is_training():
    chosen = dataclasses.replace(PLAIN, steps=5)
    whole, result = run(make_module(), EmbeddingLoss(embed, pair_loss), chosen)
    chunked, other = run(make_module(), EmbeddingLoss(embed, pair_loss, chunk_rows=3), chosen)
    torch.testing.assert_close(weights(whole), weights(chunked), rtol=0, atol=2e-4)
    np.testing.assert_allclose(result.losses, other.losses, atol=1e-4)


def test_embeddings_that_need_no_gradient_pass():
    ids = torch.arange(8)

    def embed_with_ids(module, batch):
        return module(batch.left), batch.right, ids[: len(batch.left)]

    def loss(batch, z, text, found):
        assert found.dtype == torch.int64
        return (z - text[:, :4]).square().mean()

    batch, module = draw_pairs(np.random.default_rng(1)), make_module()
    EmbeddingLoss(embed_with_ids, loss, chunk_rows=4).cached_backward(module, batch)
    ours = gradients(module)
    module.zero_grad()
    squared_distance(module, batch).backward()
    torch.testing.assert_close(ours, gradients(module))


@pytest.mark.parametrize("chunk_rows", [None, 3])
def test_bfloat16_covers_the_encoder_and_leaves_the_loss_in_float32(chunk_rows):
    seen = []

    def embed_and_look(module, batch):
        z = module(batch.left), module(batch.right)
        seen.append(z[0].dtype)
        return z

    def loss(batch, z_a, z_b):
        seen.append((z_a @ z_b.T).dtype)
        return pair_loss(batch, z_a, z_b)

    chosen = dataclasses.replace(PLAIN, steps=3, precision="bfloat16")
    before = make_module()
    module, result = run(make_module(), EmbeddingLoss(embed_and_look, loss, chunk_rows), chosen)
    assert set(seen) == {torch.bfloat16, torch.float32}
    assert all(p.dtype == torch.float32 for p in module.parameters())
    for old, new in zip(before.parameters(), module.parameters(), strict=True):
        assert not torch.equal(old, new)
    _, exact = run(make_module(), EmbeddingLoss(embed, pair_loss), chosen=PLAIN)
    np.testing.assert_allclose(result.losses, exact.losses[:3], rtol=0.05)


# Validation and early stopping


def test_early_stopping_restores_the_best_weights():
    metrics = iter([0.1, 0.5, 0.3, 0.5, 0.4, 0.9])
    kept = []

    def validate(module):
        assert not module.training
        assert not torch.is_grad_enabled()
        kept.append(weights(module))
        return next(metrics)

    chosen = dataclasses.replace(SETTINGS, patience=3)
    module, result = run(chosen=chosen, validate=validate)
    assert result.validations == [(4, 0.1), (8, 0.5), (12, 0.3), (16, 0.5), (20, 0.4)]
    assert (result.best, result.best_step, result.steps) == (0.5, 8, 20)
    assert torch.equal(weights(module), kept[1])
    assert not torch.equal(weights(module), kept[-1])


def test_a_metric_that_is_no_number_never_wins():
    metrics = iter([math.nan, 0.2, math.nan, 0.1, math.nan, math.nan])
    _, result = run(validate=lambda module: next(metrics))
    assert (result.best, result.best_step) == (0.2, 8)


def test_without_patience_it_runs_to_the_end_and_validates_there():
    chosen = dataclasses.replace(SETTINGS, steps=10)
    metrics = iter([0.3, 0.2, 0.1])
    _, result = run(chosen=chosen, validate=lambda module: next(metrics))
    assert [step for step, _ in result.validations] == [4, 8, 10]
    assert (result.best_step, result.steps) == (4, 10)


def test_without_validation_the_last_weights_stay():
    _, result = run()
    assert (result.best, result.best_step, result.validations) == (None, 24, [])


def test_the_bar_shows_loss_and_metric(capsys):
    run(validate=closeness, progress=True)
    shown = capsys.readouterr().err
    assert "24/24" in shown
    assert "loss=" in shown
    assert "valid=" in shown
    run(progress=False)
    assert capsys.readouterr().err == ""


# What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"accumulate": 0},
        {"schedule": "cosine"},
        {"precision": "float16"},
        {"warmup": 1.5},
        {"patience": 0},
        {"validate_every": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TrainingSettings(**{"steps": 1} | wrong)


@pytest.mark.parametrize(
    ("loss_of", "reason"),
    [
        (lambda module, batch: squared_distance(module, batch).item(), "one number"),
        (lambda module, batch: squared_distance(module, batch).detach(), "detached"),
        (lambda module, batch: module(batch.left), r"shape \(8, 4\)"),
        (lambda module, batch: squared_distance(module, batch) * math.inf, "inf at step 1:"),
    ],
)
def test_a_loss_that_is_none_is_refused(loss_of, reason):
    with pytest.raises(TrainingError, match=reason):
        run(loss_of=loss_of)


def test_the_step_at_which_the_loss_broke_is_named():
    calls = []

    def loss_of(module, batch):
        calls.append(1)
        return squared_distance(module, batch) * (math.nan if len(calls) >= 14 else 1)

    with pytest.raises(TrainingError, match="nan at step 14"):
        run(loss_of=loss_of)


def test_no_batches_and_no_weights_are_refused():
    with pytest.raises(TrainingError, match="no batch in epoch 0"):
        run(batches=lambda rng: [])
    with pytest.raises(TrainingError, match="no weights"):
        run(nn.Identity())


def test_torchrun_without_a_group_is_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingError, match="process_group"):
        run()


# Batches


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 7))
def test_parts_of_a_batch_are_all_of_it(n, size):
    @dataclasses.dataclass(frozen=True)
    class Batch:
        pairs: Pairs
        extra: dict
        temperature: float = 0.1

    pairs = Pairs(torch.arange(n), torch.rand(n, 2))
    texts = [f"text {number}" for number in range(n)]
    batch = Batch(pairs, {"texts": texts, "q": np.arange(n) / n, "scale": torch.tensor(2.0)})
    assert row_count(batch) == n
    parts = [rows_of(batch, start, start + size) for start in range(0, n, size)]
    assert torch.equal(torch.cat([part.pairs.left for part in parts]), pairs.left)
    assert torch.equal(torch.cat([part.pairs.right for part in parts]), pairs.right)
    assert [text for part in parts for text in part.extra["texts"]] == texts
    assert np.array_equal(np.concatenate([part.extra["q"] for part in parts]), batch.extra["q"])
    assert all(part.temperature == 0.1 and part.extra["scale"] == 2 for part in parts)


def test_a_batch_with_columns_of_different_lengths_has_no_rows():
    with pytest.raises(ValueError, match=r"\[3, 4\]"):
        row_count((torch.zeros(3), torch.zeros(4)))
    with pytest.raises(ValueError, match="lengths"):
        row_count((1.0, None))


# Checkpoints

CHOSEN = dataclasses.replace(SETTINGS, accumulate=2, patience=4)


def saved_run(folder, loss_of=squared_distance, seed=3, chosen=CHOSEN, **more):
    more = {"checkpoints": Checkpoints(folder, every_steps=5), "validate": closeness} | more
    return run(make_module(dropout=0.2), loss_of, chosen, seed, **more)


def die_in_step(number):
    calls = []

    def loss_of(module, batch):
        calls.append(1)
        if len(calls) == 2 * number:
            os.kill(os.getpid(), signal.SIGKILL)
        return squared_distance(module, batch)

    return loss_of


def be_killed(folder, where):
    """What the subprocess does: it is dead before this returns."""
    torch.set_num_threads(1)
    if where == "step":
        saved_run(folder, die_in_step(13))
    replace, saves = os.replace, []

    def replace_or_die(source, target):
        saves.append(target)
        if len(saves) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)

    os.replace = replace_or_die
    saved_run(folder)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("where", ["step", "save"])
def test_a_killed_run_ends_as_if_nothing_had_happened(tmp_path, where):
    code = f"import test_training as t; t.be_killed({str(tmp_path / 'killed')!r}, {where!r})"
    root = Path(__file__).parents[1]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "tests"), str(root)])}
    killed = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = sorted(path.name for path in (tmp_path / "killed").iterdir())
    assert [name for name in left if name.endswith(".ckpt")][-1] == "step-000000010.ckpt"
    assert any(name.endswith(".tmp") for name in left) == (where == "save")

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        steps = []

        def counted(module, batch):
            steps.append(1)
            return squared_distance(module, batch)

        resumed, result = saved_run(tmp_path / "killed", counted)
        whole, expected = saved_run(tmp_path / "whole")
    finally:
        torch.set_num_threads(threads)
    assert len(steps) == 2 * (24 - 10)
    assert torch.equal(weights(resumed), weights(whole))
    assert figures(result) == figures(expected)
    assert not list((tmp_path / "killed").glob("*.tmp"))


def stop_before(step):
    calls = []

    def loss_of(module, batch):
        calls.append(1)
        if len(calls) == 2 * step:
            raise KeyboardInterrupt
        return squared_distance(module, batch)

    return loss_of


def interrupted(folder, step=18, **more):
    with pytest.raises(KeyboardInterrupt):
        saved_run(folder, stop_before(step), **more)
    return sorted(folder.glob("step-*.ckpt"))


def test_two_checkpoints_are_kept_and_a_finished_run_is_not_run_again(tmp_path):
    assert [path.name for path in interrupted(tmp_path)] == [
        "step-000000010.ckpt",
        "step-000000015.ckpt",
    ]
    module, result = saved_run(tmp_path)
    again, same = saved_run(tmp_path, stop_before(1))
    assert torch.equal(weights(module), weights(again))
    assert same == dataclasses.replace(result, peak_memory=same.peak_memory)


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty", "foreign"])
def test_a_damaged_checkpoint_is_set_aside_for_the_one_before(tmp_path, damage, caplog):
    newest = interrupted(tmp_path / "run")[-1]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(
        {
            "torn": newest.read_bytes()[: len(content) // 2],
            "flipped": bytes(content),
            "empty": b"",
            "foreign": b"PK\x03\x04 something else",
        }[damage]
    )
    with caplog.at_level(logging.WARNING):
        resumed, result = saved_run(tmp_path / "run")
    (message,) = caplog.messages
    assert "step-000000015.ckpt is damaged and was set aside" in message
    assert newest.with_suffix(".damaged").exists()
    whole, expected = saved_run(tmp_path / "whole")
    assert torch.equal(weights(resumed), weights(whole))
    assert figures(result) == figures(expected)


def test_if_all_checkpoints_are_damaged_the_run_starts_anew(tmp_path, caplog):
    for path in interrupted(tmp_path / "run"):
        path.write_bytes(b"")
    resumed, _ = saved_run(tmp_path / "run")
    assert len(caplog.messages) == 2
    assert torch.equal(weights(resumed), weights(saved_run(tmp_path / "whole")[0]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": 4}, "seed was 3, now it is 4"),
        ({"chosen": dataclasses.replace(CHOSEN, clip=2.0)}, r"settings.clip was 1.0, now it is 2"),
        ({"identity": {"data": "b"}}, 'identity.data was "a", now it is "b"'),
        ({"identity": {}}, 'identity.data was "a", now it is missing'),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, reason):
    interrupted(tmp_path, identity={"data": "a"})
    with pytest.raises(TrainingError, match=reason):
        saved_run(tmp_path, **{"identity": {"data": "a"}} | change)


def test_a_checkpoint_of_other_code_or_shapes_is_refused(tmp_path, monkeypatch):
    interrupted(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(training.inspect, "getsource", lambda thing: "another source")
        with pytest.raises(TrainingError, match="code was"):
            saved_run(tmp_path)
    wider = nn.Sequential(nn.Linear(6, 17), nn.GELU(), nn.Dropout(0.2), nn.Linear(17, 4))
    with pytest.raises(TrainingError, match="shapes was"):
        run(wider, chosen=CHOSEN, validate=closeness, checkpoints=Checkpoints(tmp_path))


def test_checkpoints_hold_plain_data_only(tmp_path):
    """They are read with weights_only=True: plain data and tensors, and no code is run."""
    path = interrupted(tmp_path)[-1]
    body = path.read_bytes().partition(b"\n")[2]
    saved = torch.load(training.io.BytesIO(body), weights_only=True)
    assert saved.keys() == {"module", "optimizer", "progress", "identity"}


def test_a_full_disk_warns_once_and_training_goes_on(tmp_path, monkeypatch, caplog):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    module, result = saved_run(tmp_path / "full")
    (message,) = caplog.messages
    assert "can't be saved in" in message
    assert str(tmp_path / "full") in message
    assert "No space left on device" in message
    assert not list((tmp_path / "full").iterdir())
    monkeypatch.undo()
    whole, expected = saved_run(tmp_path / "whole")
    assert torch.equal(weights(module), weights(whole))
    assert figures(result) == figures(expected)


def test_a_folder_that_is_a_file_warns_and_training_goes_on(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    _, result = saved_run(tmp_path / "file")
    assert result.steps == 24
    assert "name another folder" in caplog.text


def test_checkpoints_by_time(tmp_path, monkeypatch):
    saved = []
    save = training._Store.save
    monkeypatch.setattr(
        training._Store,
        "save",
        lambda store, step, state: (saved.append(step), save(store, step, state)),
    )
    saved_run(tmp_path / "often", checkpoints=Checkpoints(tmp_path / "often", every_seconds=0.0))
    assert saved == [10, 20, 24]
    saved.clear()
    saved_run(tmp_path / "end", checkpoints=Checkpoints(tmp_path / "end", every_seconds=None))
    assert saved == [24]
