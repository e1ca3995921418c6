"""Plain Python loops and lists."""

import math

import numpy as np
import torch


def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("a batch needs room for one token")
    for length in lengths:
        if length < 0:
            raise ValueError(f"a text cannot have {length} tokens")
    by_length = sorted(range(len(lengths)), key=lambda i: lengths[i])
    batches = []
    current = []
    for i in by_length:  # shortest first: the one that comes is the longest so far
        if current and (len(current) + 1) * int(lengths[i]) > budget:
            batches.append(np.array(current))
            current = []
        current.append(i)
    if current:
        batches.append(np.array(current))
    return batches


def encode_texts(texts, encode_batch, lengths, budget):
    rows = [None] * len(texts)
    waiting = sorted(range(len(texts)), key=lambda i: lengths[i], reverse=True)
    while waiting:
        room = max(1, int(budget) // int(lengths[waiting[0]]))
        batch, waiting = waiting[:room], waiting[room:]
        vectors = encode_batch([texts[i] for i in batch])
        for i, vector in zip(batch, vectors):
            rows[i] = vector
    if not rows:
        return np.empty((0, 0))
    return np.array(rows)


def quantize_weight(w):
    q = torch.zeros(w.shape, dtype=torch.int8)
    scales = []
    for i in range(w.shape[0]):
        row = w[i].tolist()
        largest = 0.0
        for value in row:
            largest = max(largest, abs(value))
        step = largest / 127
        if step == 0:
            step = 1.0
        scales.append(step)
        q[i] = torch.tensor([int(math.copysign(math.floor(abs(v) / step + 0.5), v)) for v in row])
    return q, torch.tensor(scales)


def quantize_activation(x):
    tokens = x.reshape(-1, x.shape[-1])
    codes, scales, zeros = [], [], []
    for token in tokens.tolist():
        low, high = min(0.0, *token), max(0.0, *token)
        step = (high - low) / 255 or 1.0
        zero = min(255, max(0, round(-low / step)))
        codes.append([min(255, max(0, round(value / step) + zero)) for value in token])
        scales.append(step)
        zeros.append(zero)
    lead = x.shape[:-1]
    return (
        torch.tensor(codes, dtype=torch.uint8).reshape(x.shape),
        torch.tensor(scales).reshape(lead),
        torch.tensor(zeros, dtype=torch.int32).reshape(lead),
    )


def quantized_linear(x, w_q, w_scale, bias):
    q, step, zero = quantize_activation(x)
    codes = q.to(torch.float32) - zero[..., None].to(torch.float32)
    total = torch.zeros(*x.shape[:-1], w_q.shape[0], dtype=torch.int64)
    for start in range(0, x.shape[-1], 256):  # 256 products stay below 2**24
        part = slice(start, start + 256)
        total += (codes[..., part] @ w_q[:, part].to(torch.float32).T).to(torch.int64)
    y = total.to(torch.float32) * step[..., None] * w_scale
    if bias is not None:
        y = y + bias
    return y


def prune_ffn(w_in, b_in, w_out, keep):
    importance = []
    for i in range(len(b_in)):
        reads = math.sqrt(sum(v * v for v in w_in[i].tolist()))
        read_by = math.sqrt(sum(v * v for v in w_out[:, i].tolist()))
        importance.append((reads * read_by, i))
    importance.sort(reverse=True)
    kept = [i for _, i in importance[:keep]]
    return (
        torch.stack([w_in[i] for i in kept]),
        torch.stack([b_in[i] for i in kept]),
        torch.stack([w_out[:, i] for i in kept], dim=1),
    )


def benchmark(call, clock, warmup, repeats):
    if repeats < 1:
        raise ValueError("nothing to measure")
    for _ in range(warmup):
        call()
    durations = []
    before = clock()
    for _ in range(repeats):  # where one call ends the next begins
        call()
        after = clock()
        durations.append(after - before)
        before = after
    durations.sort()

    def percentile(p):
        place = p / 100 * (repeats - 1)
        left = math.floor(place)
        right = min(left + 1, repeats - 1)
        return float(durations[left] + (place - left) * (durations[right] - durations[left]))

    total = sum(durations)
    return {
        "p50": percentile(50),
        "p95": percentile(95),
        "p99": percentile(99),
        "throughput": float("inf") if total == 0 else float(repeats / total),
    }


def fast_encoder(model, tokenizer):
    # texts of exactly the same length together: no padding at all
    def encode(texts):
        groups = {}
        tokens = tokenizer(texts)
        for i, ids in enumerate(tokens):
            groups.setdefault(len(ids), []).append(i)
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        with torch.no_grad():
            for length, members in groups.items():
                room = max(1, 600 // length)
                for start in range(0, len(members), room):
                    some = members[start : start + room]
                    ids = torch.tensor([tokens[i] for i in some])
                    mean = model(ids, torch.ones_like(ids)).mean(dim=1)
                    for i, vector in zip(some, mean.numpy()):
                        vectors[i] = vector / math.sqrt(float(vector @ vector))
        return vectors

    return encode
