"""Objects, closures and generators."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn


@dataclass
class Filler:
    """Fewest batches, and among those the fewest padded tokens, over the sorted texts."""

    lengths: np.ndarray
    budget: int

    def __post_init__(self):
        if self.budget < 1:
            raise ValueError(f"budget {self.budget} is below 1")
        if any(length < 0 for length in self.lengths):
            raise ValueError("a negative length")
        self.order = sorted(range(len(self.lengths)), key=self.lengths.__getitem__)

    def cuts(self):
        sizes = [int(self.lengths[i]) for i in self.order]
        best = [(0, 0, 0)]  # batches, padded tokens, where the last batch starts
        for end in range(1, len(sizes) + 1):
            longest, options, start = sizes[end - 1], [], end - 1
            while start >= 0 and (end - start == 1 or (end - start) * longest <= self.budget):
                count, padded, _ = best[start]
                options.append((count + 1, padded + (end - start) * longest, start))
                start -= 1
            best.append(min(options))
        end = len(sizes)
        while end:
            start = best[end][2]
            yield start, end
            end = start

    def __iter__(self):
        for start, end in self.cuts():
            yield np.asarray(self.order[start:end], dtype=np.intp)


def token_batches(lengths, budget):
    return list(Filler(lengths, budget))


class Encoder:
    """Sends each distinct text once."""

    def __init__(self, encode_batch, budget):
        self.encode_batch, self.budget = encode_batch, budget

    def __call__(self, texts, lengths):
        sizes = dict(zip(texts, map(int, lengths)))
        known = {}
        pending, longest = [], 0
        for text in sorted(sizes, key=sizes.get):
            if pending and (len(pending) + 1) * sizes[text] > self.budget:
                known.update(self.send(pending))
                pending = []
            pending.append(text)
        if pending:
            known.update(self.send(pending))
        return np.stack([known[text] for text in texts]) if known else np.zeros((0, 0))

    def send(self, batch):
        return zip(batch, self.encode_batch(list(batch)))


def encode_texts(texts, encode_batch, lengths, budget):
    return Encoder(encode_batch, budget)(texts, lengths)


class Grid:
    """Evenly spaced numbers, `step` apart; `zero` is the code of 0.0."""

    def __init__(self, step, zero=0):
        self.step = torch.where(step == 0, torch.full_like(step, 1e-8), step)
        self.zero = zero

    def codes(self, values, lowest, highest, dtype):
        places = torch.round(values / self.step[..., None])
        return torch.clip(places + self.zero, lowest, highest).to(dtype)


def quantize_weight(w):
    with torch.no_grad():
        grid = Grid(torch.max(torch.abs(w), dim=1).values / 127)
        return grid.codes(w, -127, 127, torch.int8), grid.step


def quantize_activation(x):
    low = torch.minimum(x.min(dim=-1).values, torch.tensor(0.0))
    high = torch.maximum(x.max(dim=-1).values, torch.tensor(0.0))
    grid = Grid((high - low) / 255)
    zero = torch.clip(torch.round(-low / grid.step), 0, 255)
    grid.zero = zero[..., None]
    return grid.codes(x, 0, 255, torch.uint8), grid.step, zero.to(torch.int32)


@dataclass
class IntegerLayer:
    codes: torch.Tensor
    steps: torch.Tensor
    bias: torch.Tensor | None
    sums: torch.Tensor = field(init=False)

    def __post_init__(self):
        self.sums = self.codes.to(torch.int32).sum(dim=1).to(torch.int32)

    def __call__(self, x):
        q, step, zero = quantize_activation(x)
        products = torch.matmul(q.to(torch.int32), self.codes.to(torch.int32).T)
        whole = products - zero[..., None] * self.sums
        scaled = whole * (step[..., None] * self.steps)
        return scaled if self.bias is None else scaled + self.bias


def quantized_linear(x, w_q, w_scale, bias):
    return IntegerLayer(w_q, w_scale, bias)(x)


class Unit:
    def __init__(self, ffn, number):
        self.row, self.bias, self.column = ffn[0][number], ffn[1][number], ffn[2][:, number]

    @property
    def importance(self):
        return float(self.row.double().norm() * self.column.double().norm())


def prune_ffn(w_in, b_in, w_out, keep):
    units = [Unit((w_in, b_in, w_out), number) for number in range(len(b_in))]
    units = sorted(units, key=lambda unit: -unit.importance)[:keep]
    stack = torch.stack
    return (
        stack([u.row for u in units]),
        stack([u.bias for u in units]),
        stack([u.column for u in units]).T,
    )


class Stopwatch:
    def __init__(self, clock):
        self.clock, self.durations = clock, []

    def __enter__(self):
        self.start = self.clock()

    def __exit__(self, *_):
        self.durations.append(self.clock() - self.start)


def benchmark(call, clock, warmup, repeats):
    if not repeats >= 1:
        raise ValueError("repeats")
    watch = Stopwatch(clock)
    [call() for _ in range(warmup)]
    for _ in range(repeats):
        with watch:
            call()
    spent = torch.tensor(watch.durations, dtype=torch.float64)
    marks = torch.tensor([0.5, 0.95, 0.99], dtype=torch.float64)
    report = dict(zip(("p50", "p95", "p99"), torch.quantile(spent, marks).tolist()))
    report["throughput"] = (repeats / spent.sum()).item()
    return report


class PackedEncoder(nn.Module):
    """All tokens in one long list, without padding; attention among texts of the same length."""

    def __init__(self, model, tokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    @torch.no_grad()
    def forward(self, texts):
        ids = self.tokenizer(list(texts))
        vectors = torch.empty(len(ids), 384)
        for some in self.portions(ids):
            vectors[some] = self.pooled([ids[i] for i in some])
        return vectors / vectors.norm(dim=1, keepdim=True)

    def portions(self, ids, most=1024):
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        portion, tokens = [], 0
        for i in order:
            if portion and tokens + len(ids[i]) > most:
                yield portion
                portion, tokens = [], 0
            portion.append(i)
            tokens += len(ids[i])
        yield portion

    def pooled(self, ids):
        spans, start = defaultdict(int), 0
        for tokens in ids:
            spans[len(tokens)] += 1
        places = torch.cat([torch.arange(len(tokens)) for tokens in ids])
        words = torch.tensor([token for tokens in ids for token in tokens])
        model = self.model
        x = model.norm(model.words(words) + model.positions(places) + model.segment)
        for layer in model.layers:
            mixed = self.attention(layer, x, spans)
            x = layer.attention_norm(x + layer.attended(mixed))
            x = layer.output_norm(x + layer.down(nn.functional.gelu(layer.up(x))))
        means = []
        for length, count in spans.items():
            means.append(x[start : start + length * count].view(count, length, -1).mean(1))
            start += length * count
        return torch.cat(means)

    def attention(self, layer, x, spans):
        three = [part(x) for part in (layer.query, layer.key, layer.value)]
        mixed, start = [], 0
        for length, count in spans.items():
            span = slice(start, start + length * count)
            q, k, v = (t[span].view(count, length, 12, 32).transpose(1, 2) for t in three)
            share = (q @ k.transpose(2, 3) / 32**0.5).softmax(-1)
            mixed.append((share @ v).transpose(1, 2).reshape(length * count, -1))
            start += length * count
        return torch.cat(mixed)


fast_encoder = PackedEncoder
