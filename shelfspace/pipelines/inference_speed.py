"""An encoder made fast step by step: what each step gains, and what it costs in quality.

Speed is processor time on one thread. In every round each variant encodes its share of texts that
no variant has seen; its figure is the median over the rounds of its texts per second. Quality is
measured against the original encoder on other texts: the share of ten nearest neighbours that
stay, and the cosine to the original vectors.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from shelfspace.data import load_journey
from shelfspace.text import TextEncoder, load_text_encoder, product_texts
from shelfspace.throughput import gemm_peak

CONTRACTS: tuple[str, ...] = (
    "token_batches",
    "encode_texts",
    "quantize_weight",
    "quantized_linear",
    "prune_ffn",
    "benchmark",
)

NEIGHBOURS = 10
NAIVE_SHARE = 16  # the naive encoder gets every so many-th text of a round

Contracts = Mapping[str, Callable[..., Any]]
Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Settings:
    """A run of the pipeline.

    Parameters
    ----------
    encoder : str
        As `load_text_encoder` knows it.
    texts : int
        On which quality is measured.
    rounds, round_texts : int
        Rounds of timing, and texts of each.
    budget : int
        Padded tokens of a batch.
    single : int
        Calls with a single text that latency is measured on.
    kept : tuple of float
        Shares of the feed-forward units that the pruned variants keep.
    gemm : int
        Side of the square matrices whose product is the peak.
    seed : int
        Which texts.
    """

    encoder: str = "all-MiniLM-L6-v2"
    texts: int = 400
    rounds: int = 3
    round_texts: int = 128
    budget: int = 1024
    single: int = 40
    kept: tuple[float, ...] = (0.75, 0.5)
    gemm: int = 1024
    seed: int = 0


SIZES: dict[str, Settings] = {
    "small": Settings(),
    "full": Settings(
        "all-mpnet-base-v2", texts=2000, rounds=5, round_texts=256, single=200, gemm=2048
    ),
}


def data_digest(settings: Settings) -> str:
    """A hash of the texts that a run may use."""
    return hashlib.sha256("\n".join(_distinct_texts()).encode()).hexdigest()


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """The figures of a run: one row per variant.

    Parameters
    ----------
    settings : Settings
    contracts : mapping
        The functions named in `CONTRACTS`.
    folder : path
        Not used: nothing here is trained, and a run that was interrupted begins anew.
    progress : bool
        Whether to show a progress bar.
    """
    rng = np.random.default_rng(settings.seed)
    drawn = rng.permutation(np.array(_distinct_texts(), dtype=object)).tolist()
    judged, fresh = drawn[: settings.texts], drawn[settings.texts :]
    with _one_thread():
        peaks = {
            dtype: gemm_peak(settings.gemm, dtype, clock=time.process_time) for dtype in _DTYPES
        }
        variants = _variants(settings, contracts)
        speeds = _speeds(variants, fresh, settings, progress)
        original = variants[_ORIGINAL].encode(judged)
        tokens = float(_lengths(load_text_encoder(settings.encoder), judged).mean())
        rows = []
        for name, variant in variants.items():
            speed = float(np.median(speeds[name]))
            vectors = original if name in (_ORIGINAL, _NAIVE) else variant.encode(judged)
            latency = contracts["benchmark"](
                _single_calls(variant.encode, fresh), time.perf_counter, 3, settings.single
            )
            rows.append(
                {
                    "variant": name,
                    "texts/s": round(speed, 1),
                    "x naive": round(float(np.median(speeds[name] / speeds[_NAIVE])), 1),
                    "p50 ms": round(1e3 * latency["p50"], 2),
                    "p99 ms": round(1e3 * latency["p99"], 2),
                    "MB": round(variant.bytes / 1e6, 1),
                    "share of peak": _share_of_peak(variant, tokens, speed, peaks),
                    **_quality(vectors, original),
                }
            )
    return {
        "variants": rows,
        "tokens of a text": round(tokens, 1),
        "GEMM peak, GFLOP/s": {
            str(dtype).removeprefix("torch."): round(peak / 1e9, 1) for dtype, peak in peaks.items()
        },
    }


_NAIVE = "naive: padded to the model's longest, with gradients"
_ORIGINAL = "+ sorted, in batches of a token budget"
_DTYPES = (torch.float32, torch.bfloat16)


def _distinct_texts() -> list[str]:
    return sorted(set(product_texts(load_journey().products)))


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


# ---------------------------------------------------------------------- variants


@dataclass(frozen=True, eq=False)
class Variant:
    """An encoder: how it encodes, with which model, and the bytes of that model's weights.

    `dtype` is what its matrix products are computed in, None where they are no floats.
    """

    encode: Encode
    model: nn.Module
    dtype: torch.dtype | None = torch.float32

    @property
    def bytes(self) -> int:
        tensors = [*self.model.parameters(), *self.model.buffers()]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _variants(settings: Settings, contracts: Contracts) -> dict[str, Variant]:
    """By name, each one on top of the one before, up to the budget; then what changes the model."""
    encoder = load_text_encoder(settings.encoder)

    def planned(changed: nn.Module) -> Encode:
        return _by_budget(replace(encoder, model=changed), settings.budget, contracts)

    model = encoder.model
    halved = copy.deepcopy(model).to(torch.bfloat16)
    int8 = _with_int8(copy.deepcopy(model), contracts)
    variants = {
        _NAIVE: Variant(_naive(encoder), model),
        "padded to the batch's longest, with gradients": Variant(_padded(encoder), model),
        "+ without gradients": Variant(_inferring(_padded(encoder)), model),
        _ORIGINAL: Variant(planned(model), model),
        "bfloat16": Variant(planned(halved), halved, torch.bfloat16),
        "int8 codes, in plain torch": Variant(planned(int8), int8, None),
    }
    for share in settings.kept:
        pruned = _with_pruned_ffn(copy.deepcopy(model), share, contracts)
        variants[f"{share:.0%} of the feed-forward units"] = Variant(planned(pruned), pruned)
    shallow: Any = copy.deepcopy(model)
    shallow.encoder.layer = shallow.encoder.layer[::2]
    variants["every second layer"] = Variant(planned(shallow), shallow)
    return variants


def _naive(encoder: TextEncoder) -> Encode:
    """As it is often written: everything padded to the longest text that the model can read."""

    def encode(texts: list[str]) -> np.ndarray:
        tokens = encoder.tokenizer(
            texts,
            padding="max_length",
            truncation=True,
            max_length=encoder.max_length,
            return_tensors="pt",
        )
        return encoder.embed(tokens).detach().numpy()

    return encode


def _padded(encoder: TextEncoder, batch: int = 32) -> Encode:
    def encode(texts: list[str]) -> np.ndarray:
        parts = [
            encoder.embed(encoder.tokenize(texts[start : start + batch])).detach()
            for start in range(0, len(texts), batch)
        ]
        return torch.cat(parts).numpy()

    return encode


def _inferring(encode: Encode) -> Encode:
    def inferring(texts: list[str]) -> np.ndarray:
        with torch.inference_mode():
            return encode(texts)

    return inferring


def _by_budget(encoder: TextEncoder, budget: int, contracts: Contracts) -> Encode:
    """The learner's batches, in the order that the learner's `encode_texts` puts back."""

    def encode_batch(texts: list[str]) -> np.ndarray:
        return encoder.embed(encoder.tokenize(texts)).numpy()

    def encode(texts: list[str]) -> np.ndarray:
        return np.asarray(
            contracts["encode_texts"](texts, encode_batch, _lengths(encoder, texts), budget)
        )

    return _inferring(encode)


def _lengths(encoder: TextEncoder, texts: list[str]) -> np.ndarray:
    tokens = encoder.tokenizer(texts, truncation=True, max_length=encoder.max_length)
    return np.array([len(ids) for ids in tokens["input_ids"]])


class Int8Linear(nn.Module):
    """A linear layer on the learner's eight-bit codes."""

    def __init__(self, linear: nn.Linear, contracts: Contracts) -> None:
        super().__init__()
        codes, scale = contracts["quantize_weight"](linear.weight.detach())
        self.codes: Tensor
        self.scale: Tensor
        self.bias: Tensor | None
        self.register_buffer("codes", codes)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
        self._multiply = contracts["quantized_linear"]

    def forward(self, x: Tensor) -> Tensor:
        return self._multiply(x, self.codes, self.scale, self.bias)


class Int8Embedding(nn.Module):
    """An embedding whose rows are the learner's eight-bit codes."""

    def __init__(self, embedding: nn.Embedding, contracts: Contracts) -> None:
        super().__init__()
        codes, scale = contracts["quantize_weight"](embedding.weight.detach())
        self.codes: Tensor
        self.scale: Tensor
        self.register_buffer("codes", codes)
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        return self.codes[ids].float() * self.scale[ids].unsqueeze(-1)


def _with_int8(model: nn.Module, contracts: Contracts) -> nn.Module:
    """Linear layers and embeddings replaced in place."""
    kinds: tuple[tuple[type, type], ...] = (
        (nn.Linear, Int8Linear),
        (nn.Embedding, Int8Embedding),
    )
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            for kind, eight_bits in kinds:
                if type(child) is kind and "relative" not in name:
                    setattr(parent, name, eight_bits(child, contracts))
    return model


def _with_pruned_ffn(model: Any, share: float, contracts: Contracts) -> nn.Module:
    """Every feed-forward network pruned in place to a share of its hidden units."""
    for layer in model.encoder.layer:
        into, out = layer.intermediate.dense, layer.output.dense
        keep = max(1, round(share * into.out_features))
        parts = contracts["prune_ffn"](
            into.weight.detach(), into.bias.detach(), out.weight.detach(), keep
        )
        into.weight, into.bias, out.weight = (nn.Parameter(part) for part in parts)
        into.out_features = out.in_features = keep
    pruned: nn.Module = model
    return pruned


# ---------------------------------------------------------------------- measurement


def _speeds(
    variants: dict[str, Variant], fresh: list[str], settings: Settings, progress: bool
) -> dict[str, np.ndarray]:
    """(rounds,) texts per second of processor time of each variant, in turns."""
    found: dict[str, list[float]] = {name: [] for name in variants}
    steps = [(number, name) for number in range(settings.rounds + 1) for name in variants]
    for number, name in tqdm(steps, desc="timing", unit=" runs", disable=not progress):
        size = settings.round_texts
        texts = fresh[number * size : (number + 1) * size]
        texts = texts[::NAIVE_SHARE] if name == _NAIVE else texts
        before = time.process_time()
        variants[name].encode(texts)
        seconds = time.process_time() - before
        if number:  # the first round warms up
            found[name].append(len(texts) / seconds)
    return {name: np.array(values) for name, values in found.items()}


def _single_calls(encode: Encode, texts: list[str]) -> Callable[[], Any]:
    """A call that encodes the next text by itself."""
    left = iter(texts)
    return lambda: encode([next(left)])


def _quality(vectors: np.ndarray, original: np.ndarray) -> dict[str, float]:
    cosine = (vectors * original).sum(1)
    near, wanted = _nearest(vectors), _nearest(original)
    kept = [len(np.intersect1d(a, b)) / NEIGHBOURS for a, b in zip(near, wanted, strict=True)]
    return {
        f"recall@{NEIGHBOURS}": round(float(np.mean(kept)), 4),
        "mean cosine": round(float(cosine.mean()), 4),
        "min cosine": round(float(cosine.min()), 4),
    }


def _nearest(vectors: np.ndarray) -> np.ndarray:
    """(n, NEIGHBOURS) rows nearest to each row, itself left out."""
    cosine = vectors.astype(float) @ vectors.T.astype(float)
    np.fill_diagonal(cosine, -np.inf)
    return np.argpartition(-cosine, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]


def _share_of_peak(
    variant: Variant, tokens: float, speed: float, peaks: Mapping[torch.dtype, float]
) -> float | None:
    """Operations of the linear layers on real tokens, per second, as a share of the peak."""
    if variant.dtype is None:
        return None
    linear = [part for part in variant.model.modules() if isinstance(part, nn.Linear)]
    operations = 2 * sum(part.weight.numel() for part in linear) * tokens
    return round(operations * speed / peaks[variant.dtype], 3)
