"""NumPy and torch broadcasting, hardly a loop."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse


def temporal_split(events, cut_week, horizon):
    week = events["week"].to_numpy()
    past = week < cut_week
    future = (week >= cut_week) & (week < cut_week + horizon)
    known = events["household_id"].isin(events.loc[past, "household_id"]).to_numpy()
    return events[past], events[future & known]


def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    wanted = set(relevant)
    if not wanted:
        return float("nan"), float("nan")
    top = np.asarray(ranked)[:k]
    _, first = np.unique(top, return_index=True)
    hit = np.array([i in wanted for i in top.tolist()], dtype=bool)
    ranks = np.array([r for r in first if hit[r]], dtype=float) + 1
    ideal = np.arange(1, min(k, len(wanted)) + 1)
    gain = (1 / np.log2(ranks + 1)).sum()
    return float(gain / (1 / np.log2(ideal + 1)).sum()), ranks.size / ideal.size


def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T / temperature - log_q.to(users.dtype)
    same = item_ids[:, None] == item_ids[None, :]
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(users)))


def pool_history(vectors, mask, ages, half_life):
    ages = ages.masked_fill(~mask, torch.inf)
    youngest = ages.amin(dim=1, keepdim=True)
    age = torch.where(mask, ages - youngest, 0.0)
    weights = torch.where(mask, torch.exp2(-age / half_life), 0.0).to(vectors.dtype)
    total = weights.sum(dim=1, keepdim=True)
    share = weights / torch.where(total > 0, total, 1.0)
    clean = torch.where(mask[..., None], vectors, 0.0)
    return (share[..., None] * clean).sum(dim=1)


def recommend(user_vectors, item_vectors, seen, k):
    n, n_items = len(user_vectors), len(item_vectors)
    items = np.empty((n, k), dtype=np.int64)
    for start in range(0, n, 256):
        block = slice(start, min(start + 256, n))
        scores = (user_vectors[block] @ item_vectors.T).astype(np.float64)
        for row, known in zip(scores, seen[block]):
            row[np.fromiter(known, dtype=np.int64)] = -np.inf
        if (np.isfinite(scores).sum(axis=1) < k).any():
            raise ValueError(f"A user has fewer than {k} unseen items.")
        items[block] = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return items


def neighbour_scores(purchases, k):
    X = sparse.csr_matrix(purchases, dtype=np.float64)
    n = X.shape[0]
    norm = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)).ravel())
    unit = sparse.diags(1 / np.where(norm > 0, norm, 1.0)) @ X
    cosine = (unit @ unit.T).toarray()
    np.fill_diagonal(cosine, -np.inf)
    k = min(k, n - 1)
    near = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    weights = np.zeros((n, n))
    np.put_along_axis(weights, near, np.take_along_axis(cosine, near, axis=1), axis=1)
    return weights @ X.toarray()


def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("There must be one weight per ranking.")
    sums = {}
    for ranking, weight in zip(rankings, weights):
        best = {}
        for rank, item in enumerate(ranking, start=1):
            best.setdefault(item, rank)
        for item, rank in best.items():
            sums[item] = sums.get(item, 0.0) + weight / (k + rank)
    names, values = list(sums), np.fromiter(sums.values(), dtype=float)
    return [names[i] for i in np.argsort(-values, kind="stable")]


class Model:
    def __init__(self, user_vectors, item_vectors):
        self.user_vectors, self.item_vectors = user_vectors, item_vectors


def train_two_tower(data, loss, epochs, rng):
    n, m, d = data["n_households"], data["n_items"], 64
    counts = np.zeros((n, m), dtype=np.float32)
    np.add.at(counts, (data["household"], data["item"]), 1)
    logs = torch.from_numpy(np.log1p(counts))
    owns = logs > 0
    share = (owns / owns.sum(1, keepdim=True).clamp(min=1)).sum(0) + 0.01
    log_q = (share / share.sum()).log()
    codes = torch.from_numpy(data["item_attributes"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        sizes = [m, m, *(codes.amax(0) + 1).tolist()]
        taste, own, *kinds = tables = [(torch.randn(s, d) * 0.05).requires_grad_() for s in sizes]
        bias = log_q.clone().requires_grad_()
        groups = [{"params": tables, "weight_decay": 1.0}, {"params": [bias], "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=4e-3)
        steps = epochs * -(-n // 128)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        for _ in range(epochs):
            for rows in torch.from_numpy(rng.permutation(n)).split(128):
                hidden = owns[rows] & (torch.rand(len(rows), m) < 0.3)
                some = hidden.any(1)
                if not some.any():
                    continue
                hidden, seen = hidden[some], logs[rows][some]
                ids = torch.multinomial(hidden.float(), 8, replacement=True).flatten()
                users = F.pad(F.normalize(seen * ~hidden, dim=1) @ taste, (0, 1), value=1.0)
                items = own[ids] + sum(k[codes[ids, c]] for c, k in enumerate(kinds))
                items = torch.cat([items, bias[ids, None]], dim=1)
                optimizer.zero_grad()
                loss(users.repeat_interleave(8, 0), items, ids, log_q[ids], 1.0).backward()
                optimizer.step()
                schedule.step()
        with torch.no_grad():
            users = F.pad(F.normalize(logs, dim=1) @ taste, (0, 1), value=1.0)
            items = own + sum(k[codes[:, c]] for c, k in enumerate(kinds))
            last = bias + torch.from_numpy(_taken_up_lately(data)).float()
            return Model(users.numpy(), torch.cat([items, last[:, None]], 1).numpy())


def _taken_up_lately(data, weeks=8):
    first = np.full((data["n_households"], data["n_items"]), np.iinfo(np.int64).max)
    np.minimum.at(first, (data["household"], data["item"]), data["week"])
    start = data["week"].max() - weeks if len(data["week"]) else 0
    before = (first <= start).sum(0)
    buyers = (first < np.iinfo(np.int64).max).sum(0)
    rate = (buyers - before + 1) / (len(first) - before + 1)
    return 0.75 * (np.log(rate) - 0.5 * np.log(buyers + 1))
