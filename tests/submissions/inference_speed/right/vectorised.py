"""NumPy and torch broadcasting, hardly a loop."""

import numpy as np
import torch
import torch.nn.functional as F


def token_batches(lengths, budget):
    lengths = np.asarray(lengths, dtype=np.int64)
    if budget < 1:
        raise ValueError(f"The budget must be at least 1, not {budget}.")
    if (lengths < 0).any():
        raise ValueError("No text has fewer than 0 tokens.")
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        room = max(1, budget // max(int(lengths[order[start]]), 1))
        batches.append(order[start : start + room])
        start += room
    return batches


def encode_texts(texts, encode_batch, lengths, budget):
    batches = token_batches(lengths, budget)
    if not batches:
        return np.zeros((0, 0))
    rows = np.concatenate([np.asarray(encode_batch([texts[i] for i in b])) for b in batches])
    return rows[np.argsort(np.concatenate(batches))]


def quantize_weight(w):
    w = w.detach()
    largest = w.abs().amax(dim=1, keepdim=True)
    scale = torch.where(largest > 0, largest / 127, 1.0)
    return (w / scale).round().clamp(-127, 127).to(torch.int8), scale.squeeze(1)


def quantize_activation(x):
    low = x.amin(dim=-1, keepdim=True).clamp(max=0)
    high = x.amax(dim=-1, keepdim=True).clamp(min=0)
    scale = torch.where(high > low, (high - low) / 255, 1.0)
    zero = (-low / scale).round().clamp(0, 255)
    q = ((x / scale).round() + zero).clamp(0, 255)
    return q.to(torch.uint8), scale.squeeze(-1), zero.squeeze(-1).to(torch.int32)


def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.double() - zero.unsqueeze(-1)) @ w_q.double().T
    y = total * scale.unsqueeze(-1) * w_scale
    return (y if bias is None else y + bias).float()


def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.norm(dim=1) * w_out.norm(dim=0)
    kept = importance.topk(keep).indices.sort().values
    return w_in[kept], b_in[kept], w_out[:, kept]


def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError(f"At least one call must be measured, not {repeats}.")
    for _ in range(warmup):
        call()
    durations = np.empty(repeats)
    for i in range(repeats):
        start = clock()
        call()
        durations[i] = clock() - start
    total = durations.sum()
    result = dict(zip(("p50", "p95", "p99"), np.percentile(durations, [50, 95, 99]).tolist()))
    return {**result, "throughput": float(repeats / total) if total > 0 else float("inf")}


def fast_encoder(model, tokenizer):
    def encode_ids(ids):
        longest = max(map(len, ids))
        padded = torch.tensor([i + [tokenizer.pad_id] * (longest - len(i)) for i in ids])
        sizes = torch.tensor([len(i) for i in ids])
        mask = (torch.arange(longest) < sizes[:, None]).long()
        states = model(padded, mask) * mask[..., None]
        return F.normalize(states.sum(1), dim=1).numpy()

    def encode(texts):
        ids = tokenizer(texts)
        with torch.inference_mode():
            return encode_texts(ids, encode_ids, [len(i) for i in ids], 256)

    return encode
