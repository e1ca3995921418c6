"""Saves real activations of a large text encoder, with which quantisers are told apart.

    python bench/inference_activations.py           (half a minute on one core)

Needs the 109 M-parameter all-mpnet-base-v2 (see `shelfspace.text.load_text_encoder`). Writes
autograder/exercises/inference_speed/activations.npz: for two linear layers their inputs on product
names and baskets, one row per token, and the first output channels of their weights, also in
eight bits; the number of tokens of many texts, and in how many batches they fit; and
bench/results/inference_activations.json with where all that comes from and the file's hash.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from shelfspace.data import load_journey
from shelfspace.minilm import WordPiece, published_parts, shop_texts
from shelfspace.text import load_text_encoder
from shelfspace.text.sources import published_encoder

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "autograder" / "exercises" / "inference_speed" / "activations.npz"
RECORD = Path(__file__).parent / "results" / "inference_activations.json"
ENCODER = "all-mpnet-base-v2"
LAYERS = {"attention": "encoder.layer.{}.attention.attn.q", "ffn": "encoder.layer.{}.output.dense"}
NUMBER = 6
NAMES, BASKETS = 24, 2
CHANNELS = 128
N_LENGTHS = 1000  # of names, and as many of baskets
BUDGETS = (512, 1024)


def main() -> None:
    encoder = load_text_encoder(ENCODER)
    names, baskets = shop_texts(load_journey())
    texts = names[:NAMES] + baskets[:BASKETS]
    parts = dict(encoder.model.named_modules())
    arrays = {}
    for kind, pattern in LAYERS.items():
        layer = parts[pattern.format(NUMBER)]
        seen: list[torch.Tensor] = []
        hook = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0]))  # noqa: B023
        with torch.inference_mode():
            for text in texts:  # one by one: no padding
                encoder.model(**encoder.tokenize([text]))
        hook.remove()
        arrays[f"{kind}_inputs"] = torch.cat(seen).numpy().astype(np.float16)
        weight = layer.weight[:CHANNELS].detach().numpy().astype(np.float16)
        scale = np.abs(weight.astype(np.float32)).max(1) / np.float32(127)
        codes = np.rint(weight / scale[:, None]).astype(np.int8)
        arrays |= {f"{kind}_weight": weight, f"{kind}_codes": codes, f"{kind}_scale": scale}
    lengths = _lengths(names[:N_LENGTHS] + baskets[:N_LENGTHS])
    counts = [[budget, _n_batches(lengths, budget)] for budget in BUDGETS]
    arrays |= {"lengths": lengths, "n_batches": np.array(counts)}
    np.savez_compressed(TARGET, **arrays)
    record = {
        "command": "python bench/inference_activations.py",
        "encoder": ENCODER,
        "weights_sha256": published_encoder(ENCODER).weights_sha256,
        "layers": {kind: pattern.format(NUMBER) for kind, pattern in LAYERS.items()},
        "texts": f"{NAMES} product names and {BASKETS} baskets of the Complete Journey",
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        "sha256": hashlib.sha256(TARGET.read_bytes()).hexdigest(),
        "bytes": TARGET.stat().st_size,
        "torch": version("torch"),
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _lengths(texts: list[str]) -> np.ndarray:
    """Tokens of each text, for the smaller encoder of the exercise."""
    return np.array([len(ids) for ids in WordPiece(published_parts()[1])(texts)])


def _n_batches(lengths: np.ndarray, budget: int) -> int:
    """How many batches sorting and then filling one after the other needs."""
    left, count = np.sort(lengths)[::-1], 0
    while len(left):
        left, count = left[max(1, budget // left[0]) :], count + 1
    return count


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
