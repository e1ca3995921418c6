"""Checks of 8-bit weights: a step for each output channel, codes rounded to the nearest."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.inference_speed.checks.saved import saved
from autograder.exercises.inference_speed.checks.tensors import FLOATS, several, tensor
from autograder.sandbox.wire import Own, Tensor

MOST_BYTES = 0.27


def _weight(case: Case, rows: int = 12, columns: int = 70) -> np.ndarray:
    """Rows of very different sizes, and one outlier."""
    w = case.rng.normal(size=(rows, columns)) * 10 ** case.rng.uniform(-3, 1, (rows, 1))
    w[0, 0] = 80.0
    w[1, 0] = -60.0
    return w.astype(np.float32)


def _codes(case: Case, returned: Any, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """q and scale that came back for w, in the right form, and right."""
    q, scale = several(case, returned, 2, "q and scale")
    if isinstance(scale, Tensor):
        _require_one_step_a_row(case, scale.array, w)
    scale = tensor(case, scale, "scale", (len(w),), FLOATS).astype(float)
    if (scale <= 0).any():
        case.fail("scale must be above 0 in every row.", got=scale, category="bounds")
    if isinstance(q, Tensor) and q.array.dtype.kind == "f":
        unchanged = np.array_equal(q.array, w)
        case.fail(
            "q must be stored as int8.",
            expected="int8",
            got=q.array.dtype.name,
            category="wrong dtype",
            misconception=None if unchanged else "stored_as_float",
        )
    q = tensor(case, q, "q", w.shape, ("int8",)).astype(int)
    _require_right(case, q, scale, w.astype(float))
    return q, scale


def _require_one_step_a_row(case: Case, scale: np.ndarray, w: np.ndarray) -> None:
    shape = w.shape
    same = scale.shape == shape[:1] and len(np.unique(scale)) == 1 and shape[0] > 3
    known = None
    if scale.size == 1 or same:
        steps = np.abs(w).max() / scale.flat[0] if np.all(scale > 0) else 0.0
        if np.isclose(steps, (127, 127.5, 128, 7, 8), rtol=1e-3).any():
            known = "one_scale_per_tensor"
    elif scale.size == shape[1] != shape[0]:
        known = "scale_over_the_wrong_axis"
    else:
        return
    case.fail(
        "scale must hold a step of its own for each row.",
        expected=f"({shape[0]},)",
        got=str(scale.shape),
        category="wrong shape",
        misconception=known,
    )


def _require_right(case: Case, q: np.ndarray, scale: np.ndarray, w: np.ndarray) -> None:
    largest = np.abs(w).max(1)
    full = largest > 0
    steps = largest[full] / scale[full]
    if not np.allclose(steps, 127, rtol=1e-4):
        known = {128: "divided_by_128", 7: "four_bits", 8: "four_bits", 127.5: "divided_by_128"}
        close = [name for at, name in known.items() if np.allclose(steps, at, rtol=1e-3)]
        case.fail(
            "The step of a row is its largest absolute value / 127.",
            expected=largest[full] / 127,
            got=scale[full],
            misconception=close[0] if close else None,
        )
    if (q == -128).any():
        case.fail("Codes go from -127 to 127: -128 is not used.", got=str(q.min()))
    error = w / scale[:, None] - q
    if np.abs(error).max() > 0.5 + 1e-3:
        cut = np.abs(error).max() < 1 + 1e-3 and np.abs(error[q != 0]).mean() > 0.4
        case.fail(
            "q * scale differs from w by more than half a step.",
            expected="at most 0.5 steps",
            got=f"{np.abs(error).max():.3f} steps",
            misconception="cut_off_instead_of_rounded" if cut else None,
        )


@check(
    "quantize_weight",
    "each row has a step of its largest value / 127, and codes rounded to the nearest",
    advice="scale = w.abs().amax(dim=1) / 127, then (w / scale[:, None]).round() before the cast.",
    weight=2.0,
    core=True,
    seeds=(3, 2),
)
def weight_codes(case: Case) -> None:
    w = _weight(case)
    _codes(case, case.call(Tensor(w)), w)
    wide = case.rng.normal(size=(3, 400)).astype(np.float32)
    wide[:, 0] = -np.abs(wide).max(1) * 1.1  # the largest is negative
    _codes(case, case.call(Tensor(wide)), wide)


@check(
    "quantize_weight",
    "a row of zeros has codes 0 and a positive, finite step",
    advice="`scale.where(scale > 0, 1.0)` puts 1 where the largest value is 0, before you divide.",
    seeds=(1, 1),
)
def weight_of_zeros(case: Case) -> None:
    w = _weight(case)
    w[3] = 0.0
    w[-1] = 0.0
    _codes(case, case.call(Tensor(w)), w)
    zeros = np.zeros((4, 6), np.float32)
    q, scale = several(case, case.call(Tensor(zeros)), 2, "q and scale")
    scale = tensor(case, scale, "scale", (4,), FLOATS)
    if (scale <= 0).any() or tensor(case, q, "q", (4, 6), ("int8",)).any():
        case.fail("A weight of zeros has codes 0, and steps above 0.", got=scale)


@check(
    "quantize_weight",
    f"real layers of a large encoder take at most {MOST_BYTES:.0%} of their bytes",
    advice="One byte per weight, and one number per row.",
    seeds=(1, 1),
)
def weight_of_real_layers(case: Case) -> None:
    for kind in ("attention", "ffn"):
        w = saved()[f"{kind}_weight"]
        w = w[case.rng.permutation(len(w))[:48]]
        returned = case.call(Tensor(w))
        _codes(case, returned, w)
        q, scale = returned
        share = (q.array.nbytes + scale.array.nbytes) / w.nbytes
        if share > MOST_BYTES:
            case.fail(
                "The codes and steps take too many bytes.",
                expected=f"at most {MOST_BYTES:.0%} of the weight's",
                got=f"{share:.1%}",
            )


@check(
    "quantize_weight",
    "a parameter serves, and the weight is left alone",
    advice="`w.detach()` gives the numbers of a parameter without its gradient. Methods that end "
    "in an underscore change the caller's tensor.",
    weight=0.5,
    seeds=(1, 0),
)
def weight_may_be_a_parameter(case: Case) -> None:
    w = _weight(case, 5, 9)
    returned, unchanged = case.read(case.prop("quantizes_parameter"), Own("quantize_weight"), w)
    if returned is None:
        case.fail("Your function returned None.", category="returned nothing")
    if not unchanged:
        case.fail("Your function changed the weight.", category="changed its input")
    _codes(case, returned, w)
    case.leaves_alone(Tensor(w))
