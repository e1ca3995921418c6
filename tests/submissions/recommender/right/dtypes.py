"""Other types, containers and callables than the usual ones; float64 inside."""

import functools
from collections import namedtuple
from fractions import Fraction

import numpy as np
import torch
from scipy import sparse


def _split(events, cut_week, horizon):
    week = events.week.values.astype(np.float64)
    before = np.flatnonzero(week < cut_week)
    ahead = np.flatnonzero((cut_week <= week) & (week <= cut_week + horizon - 0.5))
    known = np.isin(events.household_id.values[ahead], events.household_id.values[before])
    # frames with an index of letters, in a list
    history = events.take(before).copy()
    targets = events.take(ahead[known]).copy()
    history.index = [f"h{i}" for i in range(len(history))]
    targets.index = [f"t{i}" for i in range(len(targets))]
    return history, targets


temporal_split = functools.partial(_split)


def ndcg_recall(ranked, relevant, k):
    if not k >= 1:
        raise ValueError("k below 1")
    wanted = frozenset(relevant)
    if len(wanted) == 0:
        return np.float64("nan"), np.float32("nan")
    first = {}
    for place, item in enumerate(tuple(ranked)[:k]):
        first.setdefault(item, place)
    places = np.array([first[i] for i in wanted if i in first], dtype=np.int32)
    discount = 1.0 / np.log2(np.arange(2, k + 2, dtype=np.float64))
    most = min(k, len(wanted))
    ndcg = np.float64(discount[places].sum() / discount[:most].sum())
    return ndcg, np.float64(Fraction(len(places), most))


class _SampledSoftmax(torch.nn.Module):
    def forward(self, users, items, item_ids, log_q, temperature):
        wide = torch.matmul(users.double(), items.double().mT) / temperature
        wide = wide - log_q.double()[None, :]
        _, kind = torch.unique(item_ids, return_inverse=True)
        other = ~torch.eye(len(kind), dtype=torch.bool)
        wide[(kind[:, None] == kind) & other] = -float("inf")
        return -wide.log_softmax(dim=1).diagonal().mean().to(users.dtype)


sampled_softmax = _SampledSoftmax()


def pool_history(vectors, mask, ages, half_life):
    zero = torch.zeros((), dtype=torch.float64)
    real = torch.where(mask.unsqueeze(2), vectors.double(), zero)
    age = torch.where(mask, ages.double(), zero)
    worst = torch.full_like(age, torch.finfo(torch.float64).max)
    age = torch.where(mask, age - torch.where(mask, age, worst).min(dim=1, keepdim=True)[0], zero)
    weight = torch.pow(0.5, age / float(half_life)) * mask.double()
    total = weight.sum(1, keepdim=True).clamp(min=1e-300)
    return torch.bmm((weight / total).unsqueeze(1), real).squeeze(1).to(vectors.dtype)


def recommend(user_vectors, item_vectors, seen, k):
    # one user at a time, 32-bit row numbers, in Fortran order
    items = np.zeros((len(user_vectors), k), dtype=np.int32, order="F")
    everything = np.arange(len(item_vectors), dtype=np.int32)
    for i in range(len(user_vectors)):
        unseen = np.setdiff1d(everything, np.array(sorted(seen[i]), dtype=np.int32))
        if unseen.size < k:
            raise ValueError(f"user {i} has {unseen.size} unseen items, not {k}")
        score = item_vectors[unseen].astype(np.float64) @ user_vectors[i].astype(np.float64)
        items[i] = unseen[np.lexsort((unseen, -score))[:k]]
    return items


def neighbour_scores(purchases, k):
    X = sparse.coo_array(purchases).tocsr().astype(np.float64)
    n = X.shape[0]
    norm = np.sqrt(X.power(2).sum(axis=1))
    norm = np.where(norm == 0, 1, norm)
    unit = sparse.csr_array(X / norm[:, None])
    rows, columns, values = [], [], []
    for i in range(n):
        cosine = (unit[[i]] @ unit.T).toarray().ravel()
        cosine[i] = -1
        best = sorted(range(n), key=cosine.__getitem__, reverse=True)[: min(k, n - 1)]
        rows += [i] * len(best)
        columns += best
        values += [cosine[j] for j in best]
    weights = sparse.coo_array((values, (rows, columns)), shape=(n, n))
    return sparse.csc_matrix(weights @ X)


def fuse_rankings(rankings, weights, k=60):
    if len(weights) != len(rankings):
        raise ValueError("one weight per ranking, please")
    exact = {}
    for weight, ranking in zip(weights, rankings):
        held = set()
        for rank, item in enumerate(ranking, 1):
            if item not in held:
                held.add(item)
                exact[item] = exact.get(item, 0) + Fraction(weight) / (k + rank)
    return sorted(exact, key=exact.get, reverse=True)


Towers = namedtuple("Towers", ["item_vectors", "user_vectors"])


def train_two_tower(data, loss, epochs, rng):
    # nothing of torch draws, and one table serves both sides
    n, m, d = int(data["n_households"]), int(data["n_items"]), 48
    X = sparse.csr_array(
        (np.ones(len(data["item"]), np.float32), (data["household"], data["item"])), shape=(n, m)
    ).toarray()
    X = np.log1p(X)
    own = [np.flatnonzero(row) for row in X]
    q = np.full(m, 0.01)
    for one in own:
        q[one] += 1 / max(len(one), 1)
    log_q = torch.from_numpy(np.log(q / q.sum()).astype(np.float32))

    table = torch.from_numpy(rng.standard_normal((m, d), dtype=np.float32) * 0.07).requires_grad_()
    turn = torch.eye(d).requires_grad_()
    bias = log_q.clone().requires_grad_()
    slow = torch.optim.AdamW([table], lr=4e-3, weight_decay=1.0)
    fast = torch.optim.Adam([turn, bias], lr=4e-3)
    steps, done = epochs * ((n + 99) // 100), 0
    for epoch in range(epochs):
        for rows in np.array_split(rng.permutation(n), (n + 99) // 100):
            bags, ids = [], []
            for row in rows:
                hidden = own[row][rng.random(own[row].size) < 0.3]
                if hidden.size:
                    bag = X[row].copy()
                    bag[hidden] = 0
                    bags.append(bag / max(np.linalg.norm(bag), 1e-6))
                    ids.append(rng.choice(hidden, size=8))
            done += 1
            if not bags:
                continue
            ids = torch.from_numpy(np.concatenate(ids))
            users = (torch.from_numpy(np.stack(bags)) @ table).repeat_interleave(8, dim=0)
            users = torch.hstack([users, torch.ones(len(users), 1)])
            items = torch.hstack([table[ids] @ turn, bias[ids].unsqueeze(1)])
            for optimizer in (slow, fast):
                optimizer.param_groups[0]["lr"] = 4e-3 * min(1, 4 * done / steps, 1.05 - done / steps)
                optimizer.zero_grad(set_to_none=True)
            loss(users, items, ids, log_q[ids], 1.0).backward()
            slow.step()
            fast.step()

    first = np.full((n, m), np.inf)
    for h, i, w in zip(*(data[name][::-1] for name in ("household", "item", "week"))):
        first[h, i] = w  # backwards in time, so that the first week stays
    early = (first <= data["week"][-1] - 8).sum(axis=0)
    ever = np.isfinite(first).sum(axis=0)
    late = np.log((ever - early + 1) / (n - early + 1)) - np.log1p(ever) / 2
    bag = torch.from_numpy(X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-6))
    with torch.no_grad():
        # float64 tensors
        users = torch.hstack([bag @ table, torch.ones(n, 1)]).double()
        final = bias.double() + 0.75 * torch.from_numpy(late)
        items = torch.hstack([(table @ turn).double(), final.unsqueeze(1)])
    return Towers(user_vectors=users, item_vectors=items)
