"""What the judge makes on the submission's side, because it cannot cross as plain data.

This text runs in the submission's process, and with the naive encoder in one of the judge's own. Of
ours it imports the course library's MiniLM only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def quantizes_parameter(quantize_weight: Callable, w: np.ndarray) -> Any:
    """What `quantize_weight` gives for a parameter, and whether it left that as it was."""
    import torch

    parameter = torch.nn.Parameter(torch.tensor(w))
    returned = quantize_weight(parameter)
    return returned, bool(torch.equal(parameter.detach(), torch.tensor(w)))


def tokenizer_of(vocabulary: str) -> Any:
    """The tokenizer with this vocabulary, one piece a line."""
    from shelfspace.minilm import WordPiece

    return WordPiece(vocabulary.split("\n"))


def model_of(weights: dict[str, np.ndarray]) -> Any:
    """MiniLM with these weights."""
    from shelfspace.minilm import minilm_from

    return minilm_from(weights)


def naive_encoder(model: Any, tokenizer: Any) -> Callable:
    """The encoder that speed is compared with."""
    from shelfspace import minilm

    return minilm.naive_encoder(model, tokenizer)


def original_vectors(model: Any, tokenizer: Any, texts: list[str]) -> np.ndarray:
    """The vectors of texts in single precision; texts of one length together, without padding."""
    import torch

    tokens = tokenizer(texts)
    vectors = np.empty((len(texts), 384), np.float32)
    for length in {len(ids) for ids in tokens}:
        rows = [row for row, ids in enumerate(tokens) if len(ids) == length]
        batch = torch.tensor([tokens[row] for row in rows])
        with torch.inference_mode():
            states = model(batch, torch.ones_like(batch))
        vectors[rows] = torch.nn.functional.normalize(states.mean(1), dim=1).numpy()
    return vectors


def encoded(encode: Callable, texts: list[str]) -> Any:
    """What an encoder gives for texts, on one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        vectors = encode(texts)
    finally:
        torch.set_num_threads(threads)
    if isinstance(vectors, torch.Tensor):
        vectors = vectors.detach().float().cpu().numpy()
    return vectors


_seen = {"real": 0, "padded": 0}


def watched(model: Any) -> Any:
    """The model; `tokens_seen` says what goes through it and its copies from here on."""

    def note(part: Any, inputs: tuple, keywords: dict) -> None:
        given = dict(zip(("input_ids", "attention_mask"), inputs, strict=False)) | keywords
        ids, mask = given["input_ids"], given["attention_mask"]
        _seen["padded"] += ids.numel()
        _seen["real"] += int(mask.sum())

    _seen.update(real=0, padded=0)
    model.register_forward_pre_hook(note, with_kwargs=True)
    return model


def tokens_seen() -> dict[str, int]:
    """How many tokens went through a watched model, padding included, and how many were real."""
    return dict(_seen)


def fingerprint(model: Any) -> list[Any]:
    """What of a model a caller would notice if it changed."""
    parts = [(name, str(p.dtype), p.requires_grad) for name, p in model.named_parameters()]
    total = sum(float(p.detach().double().abs().sum()) for p in model.parameters())
    return [model.training, parts, total]
