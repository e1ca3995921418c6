"""How far right and wrong encoders lie from the gate's bounds, on 20 seeds.

    python bench/gate_inference_speed.py            (about two minutes on one core)

Writes bench/results/gate_inference_speed.json: for each encoder, the smallest, median and largest
value over the seeds of its speed over the naive encoder's (processor time per text, in turns, one
thread) and of the share of neighbours that it keeps; and how often the gate passes. A seed decides
the texts. Here, too, are the bytes and the quality of the reference's eight bits.
"""

from __future__ import annotations

import copy
import json
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercises.inference_speed.checks import fast_encoder as gate
from autograder.exercises.inference_speed.props import original_vectors
from autograder.submission import read_submission
from shelfspace.minilm import load_minilm, naive_encoder

SEEDS = 20
ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "gate_inference_speed.json"
INT8_TEXTS = 120
Encoder = Callable[[Sequence[str]], Any]


def _reference() -> dict[str, Any]:
    """The reference's functions, from its notebook."""
    notebook = read_submission(ROOT / "solutions" / "inference_speed" / "inference_speed.ipynb")
    names: dict[str, Any] = {}
    for task in ("fast_encoder", "quantize_weight", "quantized_linear"):
        for statement in notebook.slice(task) or ():
            exec("from __future__ import annotations\n" + statement.source, names)
    return names


REFERENCE = _reference()
MODEL, TOKENIZER = load_minilm()


# ---------------------------------------------------------------------- encoders


def encoder(
    batches: Callable[[list[int]], list[Any]],
    length: Callable[[list[int]], int] = max,
    pool: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    model: torch.nn.Module = MODEL,
) -> Encoder:
    """An encoder with these batches; `length` says from its texts' lengths how far to pad."""

    @torch.inference_mode()
    def encode(texts: Sequence[str]) -> np.ndarray:
        tokens = TOKENIZER(texts)
        lengths = [len(ids) for ids in tokens]
        rows = np.empty((len(texts), 384), np.float32)
        for batch in batches(lengths):
            part = [lengths[i] for i in batch]
            ids = torch.full((len(batch), length(part)), TOKENIZER.pad_id)
            for row, i in zip(ids, batch, strict=True):
                row[: lengths[i]] = torch.tensor(tokens[i])
            mask = (torch.arange(ids.shape[1]) < torch.tensor(part)[:, None]).long()
            states = model(ids, mask)
            mean = pool(states, mask) if pool else (states * mask[..., None]).sum(1)
            rows[batch] = F.normalize(mean.float(), dim=1).numpy()
        return rows

    return encode


def given_order(lengths: list[int]) -> list[np.ndarray]:
    return np.array_split(np.arange(len(lengths)), -(-len(lengths) // 32))


def by_budget(lengths: list[int], budget: int = 256) -> list[np.ndarray]:
    return REFERENCE["token_batches"](lengths, budget)


def _equal_lengths(lengths: list[int]) -> list[np.ndarray]:
    return [np.flatnonzero(np.equal(lengths, length)) for length in sorted(set(lengths))]


def _first_token(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return states[:, 0]


def _shifted(encode: Encoder) -> Encoder:
    """Right vectors, each in the row of another text."""
    return lambda texts: np.roll(encode(texts), 1, axis=0)


def eight_bits() -> tuple[Encoder, float]:
    """The reference's eight bits in all linear layers and in the words, and the bytes left."""
    small = copy.deepcopy(MODEL).requires_grad_(False)
    q, scale = REFERENCE["quantize_weight"](small.words.weight)
    before, after = small.words.weight.nbytes, q.nbytes + scale.nbytes
    small.words.weight.data = q * scale[:, None]
    for layer in small.layers:
        for part in layer.children():
            if isinstance(part, torch.nn.Linear):
                q, scale = REFERENCE["quantize_weight"](part.weight)
                before, after = before + part.weight.nbytes, after + q.nbytes + scale.nbytes
                part.forward = _integer_forward(q, scale, part.bias)
    return encoder(by_budget, model=small), after / before


def _integer_forward(q: Any, scale: Any, bias: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: REFERENCE["quantized_linear"](x, q, scale, bias)


RIGHT = REFERENCE["fast_encoder"](MODEL, TOKENIZER)
# an encoder, and how many of a round's texts it is timed on: the slow ones on few
MODELS: dict[str, tuple[Encoder, int]] = {
    "right: the reference": (RIGHT, 96),
    "right: a budget of 128 tokens": (encoder(lambda lengths: by_budget(lengths, 128)), 96),
    "right: texts of one length together": (encoder(_equal_lengths), 96),
    "wrong: the naive encoder": (naive_encoder(MODEL, TOKENIZER), 3),
    "wrong: batches of 32, padded to 256": (encoder(given_order, lambda part: 256), 3),
    "wrong: in the given order, 32 texts a batch": (encoder(given_order), 32),
    "wrong: the first token instead of the mean": (encoder(by_budget, pool=_first_token), 96),
    "wrong: rows of other texts": (_shifted(RIGHT), 96),
}


# ---------------------------------------------------------------------- measuring


def main() -> None:
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    naive = naive_encoder(MODEL, TOKENIZER)
    for encode, _ in (*MODELS.values(), (naive, 0)):
        encode(gate.texts()[0][-2:])
    for seed in range(SEEDS):
        (texts,) = gate.rounds(np.random.default_rng(seed), 1)
        wanted = original_vectors(MODEL, TOKENIZER, texts)
        base, _ = timed(naive, texts[: gate.NAIVE_TEXTS])
        for name, (encode, count) in MODELS.items():
            used, got = timed(encode, texts[:count])
            kept = gate.neighbours_kept(got, wanted[:count]) if count > gate.K + 1 else 1.0
            rows[name].append((base / used, kept))
        print(seed, {name: round(found[-1][0], 1) for name, found in rows.items()}, flush=True)
    record = {
        "command": "python bench/gate_inference_speed.py",
        "seeds": SEEDS,
        "bounds": {
            "neighbours_kept_at_least": gate.MIN_NEIGHBOURS,
            "speed_up_at_least": gate.MIN_SPEED_UP,
        },
        "models": {name: _summarise(np.array(found)) for name, found in rows.items()},
        "eight_bits": _eight_bits(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "python": platform.python_version(),
        "torch": version("torch"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def timed(encode: Encoder, texts: list[str]) -> tuple[float, np.ndarray]:
    """Processor time for a text, and the vectors."""
    start = time.process_time()
    vectors = encode(texts)
    used = (time.process_time() - start) / len(texts)
    return used, torch.as_tensor(vectors).detach().numpy()


def _summarise(rows: np.ndarray) -> dict[str, object]:
    passed = (rows[:, 0] >= gate.MIN_SPEED_UP) & (rows[:, 1] >= gate.MIN_NEIGHBOURS)
    spread = {
        name: [round(float(value), 3) for value in (column.min(), np.median(column), column.max())]
        for name, column in zip(("speed_up", "neighbours_kept"), rows.T, strict=True)
    }
    return {**spread, "passes": f"{int(passed.sum())}/{len(rows)}"}


def _eight_bits() -> dict[str, float]:
    encode, share = eight_bits()
    texts = gate.texts()[0][:INT8_TEXTS]
    got, wanted = encode(texts), original_vectors(MODEL, TOKENIZER, texts)
    return {
        "bytes_left": round(share, 4),
        "mean_cosine": round(float((got * wanted).sum(1).mean()), 5),
        "neighbours_kept": round(gate.neighbours_kept(got, wanted), 4),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
