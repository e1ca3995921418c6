"""Other types than the usual ones; float64 inside."""

import numpy as np
import torch

F8 = np.float64


def token_batches(lengths, budget):
    counts = np.array(lengths, dtype=np.int32)
    if not budget >= 1 or counts.min(initial=0) < 0:
        raise ValueError("budget below 1, or a text of a negative length")
    places = np.lexsort((np.arange(counts.size), counts)).astype(np.int32)
    cuts = [0]
    for end in range(1, places.size):
        if (end - cuts[-1] + 1) * int(counts[places[end]]) > budget:
            cuts.append(end)
    return [part for part in np.split(places, cuts[1:]) if part.size]


def encode_texts(texts, encode_batch, lengths, budget):
    result = None
    for batch in token_batches(tuple(lengths), int(budget)):
        rows = np.array(encode_batch([str(texts[i]) for i in batch.tolist()]), dtype=F8)
        if result is None:
            result = np.full((len(texts), rows.shape[1]), np.nan)
        result[batch] = rows
    return np.zeros((0, 0), dtype=np.float32) if result is None else result


def quantize_weight(w):
    values = w.detach().numpy().astype(F8)
    step = np.abs(values).max(axis=1, keepdims=True) / 127
    step[step == 0] = np.finfo(np.float32).tiny
    q = np.rint(values / step).astype(np.int8)
    return torch.from_numpy(q), torch.from_numpy(step[:, 0])


def quantize_activation(x):
    values = x.detach().cpu().numpy().astype(F8)
    low = np.minimum(values.min(axis=-1), 0)
    high = np.maximum(values.max(axis=-1), 0)
    step = (high - low) / 255
    step = np.where(step > 0, step, 1 / 255)
    zero = np.floor(0.5 - low / step)
    q = np.floor(values / step[..., None] + 0.5) + zero[..., None]
    q = q.clip(0, 255).astype(np.uint8)
    return torch.from_numpy(q), torch.as_tensor(step), torch.as_tensor(zero.astype(np.int32))


def quantized_linear(x, w_q, w_scale, bias):
    q, step, zero = (part.numpy() for part in quantize_activation(x))
    codes = q.astype(np.int64) - zero[..., None].astype(np.int64)
    total = np.matmul(codes.astype(F8), w_q.numpy().T.astype(F8))
    y = total * step[..., None] * w_scale.numpy().astype(F8)
    if bias is not None:
        y += bias.detach().numpy()
    return torch.tensor(y, dtype=torch.float32)


def prune_ffn(w_in, b_in, w_out, keep):
    reads = np.square(w_in.detach().numpy(), dtype=F8).sum(1)
    read_by = np.square(w_out.detach().numpy(), dtype=F8).sum(0)
    kept = np.zeros(len(b_in), dtype=bool)
    kept[np.argpartition(-reads * read_by, keep - 1)[:keep]] = True  # squared: the same order
    kept = torch.from_numpy(kept)
    return w_in[kept].clone(), b_in[kept].clone(), w_out[:, kept].contiguous()


def benchmark(call, clock, warmup, repeats):
    if repeats <= 0:
        raise ValueError("at least one repeat")
    warmup, repeats = int(warmup), int(repeats)
    stamps = []
    for _ in range(warmup):
        call()
    for _ in range(repeats):
        stamps += [clock(), call() and None or clock()]
    spent = [b - a for a, b in zip(stamps[::2], stamps[1::2])]
    p50, p95, p99 = np.quantile(np.array(spent, dtype=F8), (0.5, 0.95, 0.99), method="linear")
    total = sum(spent)
    throughput = np.inf if not total else repeats / total
    return {"throughput": F8(throughput), "p99": p99, "p95": p95, "p50": p50}


def fast_encoder(model, tokenizer):
    pad = tokenizer.pad_id

    def encode(texts):
        distinct = list(dict.fromkeys(texts))
        tokens = tokenizer(distinct)
        sums = np.zeros((len(distinct), 384), dtype=F8)
        with torch.inference_mode():
            for batch in token_batches([len(ids) for ids in tokens], 400):
                width = max(len(tokens[i]) for i in batch)
                ids = np.full((len(batch), width), pad, dtype=np.int64)
                for row, i in enumerate(batch):
                    ids[row, : len(tokens[i])] = tokens[i]
                mask = torch.from_numpy((ids != pad).astype(np.int64))
                states = model(input_ids=torch.from_numpy(ids), attention_mask=mask)
                weights = mask.to(states.dtype).unsqueeze(1)
                sums[batch] = torch.bmm(weights, states).squeeze(1).numpy()
        sums /= np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
        where = {text: row for row, text in enumerate(distinct)}
        return sums[[where[text] for text in texts]].astype(np.float32)

    return encode
