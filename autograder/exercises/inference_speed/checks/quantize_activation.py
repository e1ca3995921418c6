"""Checks of 8-bit activations: a range with 0 in it for each token, and an exact zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.inference_speed.checks.saved import saved
from autograder.exercises.inference_speed.checks.tensors import FLOATS, several, tensor
from autograder.sandbox.wire import Tensor

SLACK = 2e-3  # steps: what single precision takes from 255 of them


def _tokens(case: Case, *shape: int) -> np.ndarray:
    """Tokens of very different sizes, lopsided, each with values on both sides of 0."""
    x = case.rng.normal(case.rng.normal(0, 0.7, (*shape[:-1], 1)), 1.0, shape)
    x *= 10 ** case.rng.uniform(-2, 1, (*shape[:-1], 1))
    return x.astype(np.float32)


def _quantized(case: Case, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, steps and zero points that came back for x, in the right form."""
    names = "q, scale and zero_point"
    q, scale, zero_point = several(case, case.call(Tensor(x)), 3, names)
    _require_one_range_a_token(case, scale, x)
    scale = tensor(case, scale, "scale", x.shape[:-1], FLOATS).astype(float)
    if (scale <= 0).any():
        case.fail("scale must be above 0 for every token.", got=scale, category="bounds")
    for value, name, known in (
        (zero_point, "zero_point", "zero_point_not_whole"),
        (q, "q", "activation_stored_as_float"),
    ):
        if isinstance(value, Tensor) and value.array.dtype.kind == "f":
            case.fail(
                f"{name} must be whole numbers.",
                got=value.array.dtype.name,
                category="wrong dtype",
                misconception=None if np.array_equal(value.array, x) else known,
            )
    zero_point = tensor(case, zero_point, "zero_point", x.shape[:-1], ("int32",)).astype(int)
    q = tensor(case, q, "q", x.shape, ("uint8",)).astype(int)
    return q, scale, zero_point


def _require_one_range_a_token(case: Case, scale: Any, x: np.ndarray) -> None:
    if not isinstance(scale, Tensor):
        return
    shape = x.shape
    tokens = int(np.prod(shape[:-1]))
    same = scale.array.size == tokens > 3 and len(np.unique(scale.array)) == 1
    known = None
    if scale.array.size == 1 != tokens or same:
        spans = np.array([np.ptp([0.0, x.min(), x.max()]), np.ptp(x), np.abs(x).max()])
        steps = spans / scale.array.flat[0] if np.all(scale.array > 0) else spans * 0
        if np.isclose(steps[:, None], (255, 256, 127, 127.5, 128, 15), rtol=1e-3).any():
            known = "one_range_per_tensor"
    elif scale.array.shape == shape[-1:] != shape[:-1]:
        known = "range_over_the_wrong_axis"
    if known:
        case.fail(
            "scale must hold a step of its own for each token.",
            expected=str(shape[:-1]),
            got=str(scale.array.shape),
            category="wrong shape",
            misconception=known,
        )


def _require_right(
    case: Case, x: np.ndarray, q: np.ndarray, scale: np.ndarray, zero_point: np.ndarray
) -> None:
    """The range is that of the token and 0, and the values come back."""
    x = x.astype(float)
    low, high = np.minimum(x.min(-1), 0), np.maximum(x.max(-1), 0)
    ideal = (high - low) / 255
    real = ideal > 0
    _require_range(case, x[real], scale[real], ideal[real])
    if (zero_point < 0).any() or (zero_point > 255).any():
        without_zero = np.abs(zero_point + x.min(-1) / scale)[real].max() <= 1 + SLACK
        case.fail(
            "zero_point must lie in 0..255, as a code does.",
            got=zero_point,
            category="bounds",
            misconception="range_without_zero" if without_zero else None,
        )
    back = (q - zero_point[..., None]) * scale[..., None]
    error = ((x - back)[real]) / scale[real][:, None]
    if np.abs(error).max(initial=0.0) > 1 + SLACK:
        symmetric = np.abs(zero_point - 128).max() <= 1 and (low < 0).all()
        case.fail(
            "(q - zero_point) * scale differs from x by more than a step.",
            expected="at most half a step, and half of one for the rounding of the zero point",
            got=f"{np.abs(error).max():.3g} steps",
            misconception=_why_far(error, symmetric),
        )
    off = np.abs(zero_point[real] + low[real] / scale[real])
    if off.max(initial=0.0) > 0.5 + SLACK:
        case.fail("zero_point is not the code of real 0.0: -low / scale, rounded.", got=zero_point)


def _require_range(case: Case, x: np.ndarray, scale: np.ndarray, ideal: np.ndarray) -> None:
    if np.allclose(scale, ideal, rtol=1e-4):
        return
    without = (x.max(-1) - x.min(-1)) / 255
    largest = np.abs(x).max(-1)
    known = None
    if np.allclose(scale, without, rtol=1e-4):
        known = "range_without_zero"
    elif np.allclose(scale, ideal * 255 / 256, rtol=1e-4):
        known = "divided_by_256"
    elif np.allclose(scale, ideal * 255 / 15, rtol=1e-3):
        known = "four_bit_activations"
    elif any(np.allclose(scale, largest / n, rtol=1e-3) for n in (127, 127.5, 128)):
        both = (x.min(-1) < 0) & (x.max(-1) > 0)  # signs; of one alone it is the range
        known = "symmetric_activations" if both.any() else None
    case.fail(
        "The step of a token is wrong: its range, widened to hold 0, is cut into 255 steps.",
        expected=ideal,
        got=scale,
        misconception=known,
    )


def _why_far(error: np.ndarray, symmetric: bool) -> str | None:
    if symmetric:
        return "symmetric_activations"
    far = np.abs(error)[np.abs(error) > 2]
    return "codes_not_clamped" if (np.abs(far - 256) <= 2).all() and len(far) else None


def _bias(x: np.ndarray, q: np.ndarray, scale: np.ndarray, zero_point: np.ndarray) -> float:
    """The larger of two mean errors in steps: signed, and towards zero."""
    error = x / scale[..., None] - (q - zero_point[..., None])
    inside = (q > 0) & (q < 255)
    return max(abs(error[inside].mean()), abs((error * np.sign(x))[inside].mean()))


@check(
    "quantize_activation",
    "each token has its own range with 0 in it, cut into 255 steps",
    advice="low = x.amin(-1).clamp(max=0), high = x.amax(-1).clamp(min=0), scale = (high - low) / "
    "255, zero_point = round(-low / scale).",
    weight=2.0,
    core=True,
    seeds=(3, 2),
)
def activation_ranges(case: Case) -> None:
    for shape in ((9, 40), (3, 5, 24)):
        x = _tokens(case, *shape)
        _require_right(case, x, *_quantized(case, x))


@check(
    "quantize_activation",
    "values are rounded to the nearest code, not cut off",
    advice="`.to(torch.uint8)` cuts the fraction off: `.round()` first.",
    weight=1.5,
    core=True,
    seeds=(2, 1),
)
def activation_rounding(case: Case) -> None:
    # of 300 tokens' zero points, rounding errors of up to half a step average out
    x = _tokens(case, 300, 40)
    parts = _quantized(case, x)
    _require_right(case, x, *parts)
    if _bias(x.astype(float), *parts) > 0.2:
        case.fail(
            "On average the codes lie half a step beside the values.",
            expected="errors that average out",
            got=f"{_bias(x.astype(float), *parts):.2f} steps",
            misconception="activation_cut_off",
        )


@check(
    "quantize_activation",
    "0.0 comes back as exactly 0.0, where all values have one sign too",
    advice="A whole zero point within 0..255 makes it exact; tokens without values below 0 have "
    "low = 0, those without values above have high = 0.",
    weight=1.5,
    seeds=(2, 1),
)
def activation_zero_is_exact(case: Case) -> None:
    x = np.abs(_tokens(case, 8, 30)) + 0.5
    x[4:] *= -1
    _require_right(case, x, *_quantized(case, x))
    x = _tokens(case, 12, 30)
    x[:4] = np.abs(x[:4])
    x[4:8] = -np.abs(x[4:8])
    x[:, ::7] = 0.0
    q, scale, zero_point = _quantized(case, x)
    _require_right(case, x, q, scale, zero_point)
    if (q[:, ::7] != zero_point[:, None]).any():
        case.fail(
            "The code of real 0.0 must be the zero point: round x / scale, then add it.",
            expected=zero_point,
            got=q[:, 0],
        )


@check(
    "quantize_activation",
    "codes at the ends of the range do not wrap around",
    advice="The rounded zero point may push the highest value to 256, which uint8 makes 0: "
    "`.clamp(0, 255)` before the cast.",
    weight=1.0,
    seeds=(2, 1),
)
def activation_codes_are_clamped(case: Case) -> None:
    # both ends of the range lie half-way between codes, so that both may be rounded outwards
    below = case.rng.integers(10, 245, 40) + 0.5
    x = case.rng.uniform(-0.9, 0.9, (40, 12)) * np.minimum(below, 255 - below)[:, None]
    x[:, 0], x[:, 1] = -below, 255 - below
    x = (x * 2.0 ** case.rng.integers(-9, 3, (40, 1))).astype(np.float32)
    _require_right(case, x, *_quantized(case, x))


@check(
    "quantize_activation",
    "a token of zeros has a positive step; single tokens and real activations serve",
    advice="`scale.where(scale > 0, 1.0)` before you divide; work on the last axis, `dim=-1`.",
    seeds=(1, 1),
)
def activation_at_the_edges(case: Case) -> None:
    x = _tokens(case, 6, 10)
    x[2] = 0.0
    x[4] = -0.0
    q, scale, zero_point = _quantized(case, x)
    _require_right(case, x, q, scale, zero_point)
    if (q[[2, 4]] != zero_point[[2, 4], None]).any():
        case.fail("In a token of zeros every code is the zero point.", got=q[2])
    one = _tokens(case, 17)
    _require_right(case, one[None], *(np.asarray(part)[None] for part in _quantized(case, one)))
    for kind in ("attention", "ffn"):
        real = saved()[f"{kind}_inputs"]
        real = real[case.rng.permutation(len(real))[:20]]
        _require_right(case, real, *_quantized(case, real))


@check(
    "quantize_activation",
    "the activations are left alone",
    advice="Methods that end in an underscore, such as `clamp_`, change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def activation_left_alone(case: Case) -> None:
    case.leaves_alone(Tensor(_tokens(case, 4, 6)))
