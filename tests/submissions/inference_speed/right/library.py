"""What libraries offer: itertools, pandas, torch's own quantisers and attention."""

import copy
from itertools import accumulate, takewhile

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence


def token_batches(lengths, budget):
    table = pd.Series(np.asarray(lengths, dtype=int)).sort_values(ascending=False)
    if budget < 1 or (table < 0).any():
        raise ValueError("budget must be positive and lengths must not be negative")
    batches = []
    while len(table):
        room = max(1, budget // max(1, table.iloc[0]))
        batches.append(table.index[:room].to_numpy())
        table = table.iloc[room:]
    return batches


def encode_texts(texts, encode_batch, lengths, budget):
    if not len(texts):
        return np.array([]).reshape(0, 0)
    parts = []
    for batch in token_batches(lengths, budget):
        rows = encode_batch(pd.Series(texts).iloc[batch].tolist())
        parts.append(pd.DataFrame(rows, index=batch))
    return pd.concat(parts).sort_index().to_numpy()


def quantize_weight(w):
    scale = torch.linalg.vector_norm(w.detach(), ord=float("inf"), dim=1) / 127
    scale = scale.masked_fill(scale == 0, 1.0)
    zeros = torch.zeros(len(scale), dtype=torch.int64)
    q = torch.quantize_per_channel(w.detach(), scale, zeros, 0, torch.qint8)
    return q.int_repr(), scale


def quantize_activation(x):
    flat = x.flatten(0, -2) if x.dim() > 1 else x.unsqueeze(0)
    low, high = torch.aminmax(F.pad(flat, (0, 1)), dim=1)  # the range includes the padded 0
    scale = (high - low) / 255
    scale = scale + (scale == 0)
    zero = torch.round(-low / scale).clamp_(0, 255)
    q = torch.quantize_per_channel(flat, scale, zero.to(torch.int64), 0, torch.quint8).int_repr()
    lead = x.shape[:-1]
    return q.view(x.shape), scale.view(lead), zero.to(torch.int32).view(lead)


def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = torch.einsum("...i,oi->...o", q.to(torch.int64), w_q.to(torch.int64))
    total = total - zero.to(torch.int64)[..., None] * w_q.sum(dim=1, dtype=torch.int64)
    y = torch.mul(total, torch.mul(scale[..., None], w_scale))
    return y.float() if bias is None else torch.add(y, bias).float()


def prune_ffn(w_in, b_in, w_out, keep):
    norm = torch.linalg.vector_norm
    kept = torch.argsort(norm(w_in, dim=1) * norm(w_out, dim=0), descending=True)[:keep]
    return tuple(
        torch.index_select(part, axis, kept) for part, axis in ((w_in, 0), (b_in, 0), (w_out, 1))
    )


def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    stamps = []
    for number in range(warmup + repeats):
        start = clock()
        call()
        stamps.append(clock() - start)
    durations = pd.Series(stamps[warmup:], dtype=float)
    result = durations.quantile([0.5, 0.95, 0.99], interpolation="linear")
    with np.errstate(divide="ignore"):
        throughput = np.float64(repeats) / durations.sum()
    return dict(zip(["p50", "p95", "p99", "throughput"], [*map(float, result), float(throughput)]))


class Fused(torch.nn.Module):
    """The same model with one product for queries, keys and values, and torch's attention."""

    def __init__(self, model):
        super().__init__()
        self.base = copy.deepcopy(model).requires_grad_(False)
        parts = [(layer.query, layer.key, layer.value) for layer in self.base.layers]
        self.qkv = [
            (torch.cat([p.weight for p in three]), torch.cat([p.bias for p in three]))
            for three in parts
        ]

    def forward(self, ids, mask):
        base = self.base
        x = base.norm(base.words(ids) + base.positions.weight[: ids.shape[1]] + base.segment)
        b, length, width = x.shape
        visible = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for layer, (weight, bias) in zip(base.layers, self.qkv):
            q, k, v = F.linear(x, weight, bias).view(b, length, 3, 12, -1).permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=visible)
            mixed = mixed.transpose(1, 2).reshape(b, length, width)
            x = layer.attention_norm(x + layer.attended(mixed))
            x = layer.output_norm(x + layer.down(F.gelu(layer.up(x))))
        return x


def fast_encoder(model, tokenizer, budget=400):
    fused = Fused(model)

    @torch.inference_mode()
    def encode(texts):
        tokens = sorted(enumerate(map(torch.tensor, tokenizer(texts))), key=lambda t: len(t[1]))
        places, vectors = [], []
        while tokens:
            sizes = accumulate(range(1, len(tokens) + 1), lambda _, count: count)
            fits = takewhile(lambda c: c == 1 or c * len(tokens[c - 1][1]) <= budget, sizes)
            count = max(fits)
            ids = pad_sequence(
                [ids for _, ids in tokens[:count]], True, padding_value=tokenizer.pad_id
            )
            ends = torch.tensor([len(ids) for _, ids in tokens[:count]])
            mask = torch.arange(ids.shape[1])[None] < ends[:, None]
            states = fused(ids, mask)
            vectors.append(torch.einsum("bld,bl->bd", states, mask.float()))
            places += [place for place, _ in tokens[:count]]
            tokens = tokens[count:]
        return F.normalize(torch.cat(vectors), dim=-1)[torch.tensor(places).argsort()]

    return encode
