"""Checks of the integer layer, on activations that lie on their grid: one answer is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close, numbers
from autograder.exercises.inference_speed.checks.saved import saved, signal_to_noise
from autograder.exercises.inference_speed.checks.tensors import tensor
from autograder.sandbox.wire import Tensor

MIN_SNR = {"attention": 36.0, "ffn": 35.0}


def _on_grid(case: Case, *shape: int) -> np.ndarray:
    """Tokens whose values are whole multiples of their step, a power of 2, over a full range."""
    tokens = shape[:-1]
    codes = case.rng.integers(0, 256, shape)
    codes[..., 0], codes[..., 1] = 0, 255
    zero_point = case.rng.integers(20, 236, (*tokens, 1))
    step = 2.0 ** case.rng.integers(-9, 0, (*tokens, 1))
    return ((codes - zero_point) * step).astype(np.float32)


def _layer(case: Case, n_out: int, n_in: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = case.rng.integers(-127, 128, (n_out, n_in)).astype(np.int8)
    scale = np.round(10 ** case.rng.uniform(-3, -1, n_out), 6).astype(np.float32)
    return codes, scale, np.round(case.rng.normal(0, 2, n_out), 4).astype(np.float32)


def _output(case: Case, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    return tensor(case, value, "y", shape, ("float32",))


def _require(case: Case, x: np.ndarray, layer: tuple[Any, ...], what: str) -> None:
    codes, scale, bias = layer
    shape = (*x.shape[:-1], len(codes))
    largest = 1.0 if bias is None else float(np.abs(bias).max())
    case.matches_reference(
        *(Tensor(part) for part in (x, codes, scale)),
        None if bias is None else Tensor(bias),
        read=lambda value: _output(case, value, shape),
        view=numbers,
        close=close(rtol=1e-4, atol=2e-6 * largest),
        what=what,
    )


@check(
    "quantized_linear",
    "y is the layer's output, with the zero-point correction and the bias",
    advice="(codes of x - zero_point) @ w_q.T, times the token's step, times w_scale, plus bias.",
    weight=2.0,
    core=True,
    seeds=(2, 1),
)
def linear_value(case: Case) -> None:
    for shape in ((5, 24), (2, 3, 16)):
        layer = _layer(case, 7, shape[-1])
        _require(case, _on_grid(case, *shape), layer, "The output is wrong.")
    codes, scale, _ = _layer(case, 4, 12)
    _require(case, _on_grid(case, 3, 12), (codes, scale, None), "Without a bias it is wrong.")
    # a bias that eight bits cannot hold beside a large one
    bias = np.array([300.0, 0.4321, -0.0123, 1.5], np.float32)
    small = (codes, np.full(4, 1e-4, np.float32), bias)
    what = "With a bias of very different entries the output is wrong."
    _require(case, _on_grid(case, 3, 12), small, what)


@check(
    "quantized_linear",
    "sums of whole numbers are exact for 4,096 inputs",
    advice="Add up in int32, int64 or float64: int16 wraps around, and float32 counts exactly to "
    "2^24 only.",
    weight=1.5,
    seeds=(1, 1),
)
def linear_sums_are_exact(case: Case) -> None:
    n = 4096
    # two halves that cancel, but for one step of 125, beside a correction of tens of millions
    half = case.rng.integers(-90, 91, n // 2 - 1)
    centred = np.concatenate([half, [-127, 128], -half])
    codes = case.rng.integers(101, 128, (12, n // 2 - 1))
    codes = np.concatenate([codes, np.full((12, 2), 125), codes], axis=1).astype(np.int8)
    order = case.rng.permutation(n)
    x = (centred[None, order] / 64).astype(np.float32)
    scale = np.round(case.rng.uniform(0.1, 2, 32), 3).astype(np.float32)
    layer: tuple[Any, ...] = codes[:, order], scale[:12], None
    _require(case, x, layer, "With 4,096 inputs the sum is not exact.")
    # sums that go far beyond 2^24 and back, all but to 0
    half = case.rng.integers(200, 256, (4, n // 2))
    half[:, 0] = 255
    weights = case.rng.integers(64, 128, (32, n // 2))
    other = case.rng.permutation(n // 2)
    x = (np.concatenate([half, half[:, other]], axis=1) / 64).astype(np.float32)
    codes = np.concatenate([weights, -weights[:, other]], axis=1).astype(np.int8)
    codes[:, -1] += 1
    layer = codes, scale, None
    _require(case, x, layer, "With 4,096 inputs the sum is not exact.")
    full = np.full((1, n), 255 / 128, np.float32)
    most = np.full((2, n), 127, np.int8)
    most[1] = -127
    layer = most, np.array([0.5, 0.25], np.float32), None
    _require(case, full, layer, "With the largest codes the sum overflows.")


def _with_one_range(x: np.ndarray) -> np.ndarray:
    """What is left of tokens that share the steps of one range."""
    low, high = min(x.min(), 0.0), max(x.max(), 0.0)
    step = (high - low) / 255
    zero_point = np.round(-low / step)
    return (np.clip(np.round(x / step) + zero_point, 0, 255) - zero_point) * step


@check(
    "quantized_linear",
    "activations are quantised, each token by itself",
    advice="Begin with `quantize_activation(x)`, and work on its codes alone.",
    seeds=(2, 1),
)
def linear_quantises_by_token(case: Case) -> None:
    x = case.rng.normal(case.rng.normal(0, 0.5, (30, 1)), 1.0, (30, 200))
    x = (x * 10 ** case.rng.uniform(-2, 1, (30, 1))).astype(np.float32)
    codes, scale, _ = _layer(case, 20, 200)
    value = case.call(Tensor(x), Tensor(codes), Tensor(scale), None)
    y = _output(case, value, (30, 20)).astype(float)
    w = codes * scale[:, None].astype(float)
    step = (np.maximum(x.max(-1), 0) - np.minimum(x.min(-1), 0)) / 255
    noise = step[:, None] * np.sqrt(np.square(w).sum(1) / 12)  # of rounding, uniform in a step
    ratio = (y - x.astype(float) @ w.T) / noise
    per_token = np.sqrt(np.square(ratio).mean(1))
    if per_token.max() < 0.2:
        case.fail(
            "The output is that of activations in full precision.",
            got="no trace of rounding",
            misconception="activations_not_quantised",
        )
    if per_token.max() > 3.5:
        off = y - _with_one_range(x.astype(float)) @ w.T
        shared = np.abs(off).mean() < 0.2 * np.abs(y - x.astype(float) @ w.T).mean()
        case.fail(
            "The output is off by more than eight bits explain.",
            expected="the error of rounding each token to its own 255 steps",
            got=f"up to {per_token.max():.0f} times that",
            misconception="tokens_share_a_range" if shared else None,
        )


@check(
    "quantized_linear",
    "on two layers of a large encoder the error lies at least 36 and 35 dB below the output",
    advice="Check `quantize_activation` on lopsided tokens: is the range each token's own, does it "
    "use all 255 steps, is the zero point added after rounding?",
    weight=1.5,
    seeds=(1, 1),
)
def linear_on_real_layers(case: Case) -> None:
    for kind, least in MIN_SNR.items():
        x, w = saved()[f"{kind}_inputs"], saved()[f"{kind}_weight"]
        codes, scale = saved()[f"{kind}_codes"], saved()[f"{kind}_scale"]
        rows = case.rng.permutation(len(x))
        value = case.call(Tensor(x[rows]), Tensor(codes), Tensor(scale), None)
        y = _output(case, value, (len(x), len(w)))
        found = signal_to_noise(x[rows] @ w.T, y)
        if found < least:
            case.fail(
                f"On a real {kind} layer too much is lost.",
                expected=f"{least:.0f} dB",
                got=f"{found:.1f} dB",
            )


@check(
    "quantized_linear",
    "a token of zeros gives the bias, a single token serves, inputs are left alone",
    advice="With a positive step for tokens of zeros all their codes are the zero point.",
    weight=0.5,
    seeds=(1, 0),
)
def linear_at_the_edges(case: Case) -> None:
    codes, scale, bias = layer = _layer(case, 5, 9)
    x = _on_grid(case, 3, 9)
    x[1] = 0.0
    _require(case, x, layer, "With a token of zeros the output is wrong.")
    _require(case, x[0], layer, "For a single token, without further axes, it is wrong.")
    case.leaves_alone(*(Tensor(part) for part in (x, codes, scale, bias)))
