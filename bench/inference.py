"""The reference of `inference_speed` against the naive encoder and against ONNX Runtime.

    pip install onnx onnxruntime
    python bench/inference.py            (about a minute on one core)

Writes bench/results/inference.json: for each encoder, the smallest, median and largest value over
rounds of its speed over the naive encoder's (processor time per text, in turns, one thread, texts
that no encoder has seen), its milliseconds per text, the share of neighbours that it keeps, and
which part of this processor's peak its matrix products reach. The peak is that of the product of
two large matrices of the same dtype, measured here (of float32 for the eight bits); operations are
those of the linear layers on real tokens. bfloat16 gains where a processor has instructions for it.
"""

from __future__ import annotations

import copy
import json
import platform
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from gate_inference_speed import (
    MODEL,
    RIGHT,
    TOKENIZER,
    Encoder,
    by_budget,
    encoder,
    given_order,
    timed,
)
from onnxruntime.quantization import QuantType, quantize_dynamic

from autograder.exercises.inference_speed.checks import fast_encoder as gate
from autograder.exercises.inference_speed.props import original_vectors
from shelfspace.minilm import naive_encoder
from shelfspace.throughput import gemm_peak

ROUNDS = 6
GEMM_SIDE = 1024
RESULTS = Path(__file__).parent / "results" / "inference.json"
NAIVE = "the naive encoder"
BFLOAT16 = "torch, the reference's batches, bfloat16"


class OnnxModel:
    """A model in ONNX Runtime, called like the one in torch."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        feed = {"ids": ids.numpy(), "mask": mask.numpy()}
        return torch.from_numpy(self.session.run(["states"], feed)[0])


def onnx_models(folder: Path) -> tuple[OnnxModel, OnnxModel]:
    """The encoder exported as float32, and with its weights in eight bits."""
    plain, small = folder / "plain.onnx", folder / "small.onnx"
    ids = torch.ones(2, 7, dtype=torch.long)
    free = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            MODEL,
            (ids, torch.ones_like(ids)),
            plain,
            input_names=["ids", "mask"],
            output_names=["states"],
            dynamic_axes={"ids": free, "mask": free, "states": free},
            dynamo=False,
        )
    quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
    return OnnxModel(plain), OnnxModel(small)


def encoders(folder: Path) -> dict[str, tuple[Encoder, int]]:
    """Encoders, and how many of a round's texts each is timed on: the naive one on few."""
    plain, small = onnx_models(folder)
    half = copy.deepcopy(MODEL).to(torch.bfloat16)
    return {
        NAIVE: (naive_encoder(MODEL, TOKENIZER), gate.NAIVE_TEXTS),
        "torch, in the given order, 32 texts a batch": (encoder(given_order), 96),
        "torch, the reference": (RIGHT, 96),
        BFLOAT16: (encoder(by_budget, model=half), 96),
        "ONNX Runtime, in the given order": (encoder(given_order, model=plain), 96),
        "ONNX Runtime, the reference's batches": (encoder(by_budget, model=plain), 96),
        "ONNX Runtime, eight bits, the reference's batches": (encoder(by_budget, model=small), 96),
    }


def measure(found: dict[str, tuple[Encoder, int]]) -> dict[str, dict[str, object]]:
    """The figures of each encoder."""
    linear = [part for part in MODEL.modules() if isinstance(part, torch.nn.Linear)]
    operations = 2 * sum(part.weight.numel() for part in linear)
    peak, half_peak = (
        gemm_peak(GEMM_SIDE, dtype, clock=time.process_time)
        for dtype in (torch.float32, torch.bfloat16)
    )
    seconds: dict[str, list[float]] = {name: [] for name in found}
    shares: dict[str, list[float]] = {name: [] for name in found}
    kept: dict[str, list[float]] = {name: [] for name in found}
    for number, texts in enumerate(gate.rounds(np.random.default_rng(0), ROUNDS + 1)):
        wanted = original_vectors(MODEL, TOKENIZER, texts)
        for name, (encode, count) in found.items():
            used, vectors = timed(encode, texts[:count])
            if number == 0:
                continue  # the first round warms up
            tokens = np.mean([len(ids) for ids in TOKENIZER(texts[:count])])
            seconds[name].append(used)
            most = half_peak if name == BFLOAT16 else peak
            shares[name].append(operations * tokens / used / most)
            if name != NAIVE:
                kept[name].append(gate.neighbours_kept(vectors, wanted))
    naive = np.array(seconds[NAIVE])
    return {
        name: {
            "times_naive": _spread(naive / np.array(used), 1),
            "ms_per_text": round(1e3 * float(np.median(used)), 3),
            "share_of_gemm_peak": round(float(np.median(shares[name])), 3),
            "neighbours_kept": round(float(np.mean(kept[name])), 4) if kept[name] else 1.0,
        }
        for name, used in seconds.items()
    }


def _spread(values: np.ndarray, digits: int) -> list[float]:
    found = values.min(), np.median(values), values.max()
    return [round(float(value), digits) for value in found]


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(encoders(Path(folder)))
    record = {
        "command": "python bench/inference.py",
        "rounds": ROUNDS,
        "encoders": figures,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "onnxruntime": version("onnxruntime"),
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
