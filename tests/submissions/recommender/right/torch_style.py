"""Torch for everything that is a number."""

import torch
import torch.nn.functional as F


def temporal_split(events, cut_week, horizon):
    week = torch.as_tensor(events["week"].to_numpy().copy())
    household = torch.as_tensor(events["household_id"].to_numpy().copy())
    past = week.lt(cut_week)
    known = torch.isin(household, household[past].unique())
    coming = week.ge(cut_week).logical_and(week.lt(cut_week + horizon)).logical_and(known)
    return events.iloc[past.nonzero().flatten().tolist()], events.iloc[coming.nonzero().flatten().tolist()]


def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be one or more")
    code = {}
    for item in relevant:
        code.setdefault(item, len(code))
    if not code:
        return float("nan"), float("nan")
    shown = torch.tensor([code.get(item, -1) for item in list(ranked)[:k]], dtype=torch.int64)
    is_hit = torch.zeros(len(shown), dtype=torch.bool)
    for c in range(len(code)):
        where = (shown == c).nonzero()
        if len(where):
            is_hit[where[0]] = True
    discount = torch.arange(2, k + 2, dtype=torch.float64).log2().reciprocal()
    best = min(k, len(code))
    ndcg = discount[: len(shown)][is_hit].sum() / discount[:best].sum()
    return ndcg.item(), is_hit.sum().item() / best


def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = torch.einsum("id,jd->ij", users, items) / temperature - log_q.to(users)
    positive = logits.diagonal()
    different = item_ids.unsqueeze(0) != item_ids.unsqueeze(1)
    # positive first, then the negatives; what is left out weighs nothing
    negatives = logits.masked_fill(~different, -torch.inf)
    every = torch.cat([positive.unsqueeze(1), negatives], dim=1)
    return (torch.logsumexp(every, dim=1) - positive).mean()


def pool_history(vectors, mask, ages, half_life):
    pooled = vectors.new_zeros(vectors.shape[0], vectors.shape[2])
    some = mask.any(dim=1)
    rows = []
    for x, m, a in zip(vectors[some], mask[some], ages[some]):
        share = torch.softmax(a[m].double() * (-torch.log(torch.tensor(2.0, dtype=torch.float64)) / half_life), 0)
        rows.append(share.to(x.dtype) @ x[m])
    if rows:
        pooled = pooled.index_put((some.nonzero().flatten(),), torch.stack(rows))
    return pooled


def recommend(user_vectors, item_vectors, seen, k):
    users, items = torch.from_numpy(user_vectors.copy()), torch.from_numpy(item_vectors.copy())
    found = []
    for users_of_block, seen_of_block in zip(users.split(64), _chunks(seen, 64)):
        scores = users_of_block @ items.T
        for row, known in zip(scores, seen_of_block):
            row[torch.tensor([int(i) for i in known], dtype=torch.int64)] = -torch.inf
        if (scores > -torch.inf).sum(1).min() < k:
            raise ValueError("fewer than k unseen items")
        found.append(scores.sort(dim=1, descending=True, stable=True).indices[:, :k])
    return torch.cat(found).numpy()


def _chunks(things, size):
    return [things[i : i + size] for i in range(0, len(things), size)]


def neighbour_scores(purchases, k):
    dense = purchases.todense() if hasattr(purchases, "todense") else purchases
    X = torch.tensor(dense.tolist(), dtype=torch.float64).reshape(dense.shape)
    unit = F.normalize(X, dim=1)
    cosine = unit @ unit.T
    cosine.fill_diagonal_(-torch.inf)
    values, nearest = cosine.topk(min(k, len(X) - 1), dim=1)
    return (torch.zeros_like(cosine).scatter(1, nearest, values) @ X).numpy()


def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("rankings and weights must be of one length")
    names = list(dict.fromkeys(item for ranking in rankings for item in ranking))
    number = {item: i for i, item in enumerate(names)}
    sums = torch.zeros(len(names), dtype=torch.float64)
    for ranking, weight in zip(rankings, weights):
        rank = torch.full((len(names),), torch.inf, dtype=torch.float64)
        for place in range(len(ranking), 0, -1):
            rank[number[ranking[place - 1]]] = place
        sums += weight / (k + rank)
    return [names[i] for i in sums.argsort(descending=True, stable=True)]


def train_two_tower(data, loss, epochs, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    household, item, week = (torch.from_numpy(data[k].copy()) for k in ("household", "item", "week"))
    n, m, d = data["n_households"], data["n_items"], 64
    counts = torch.zeros(n, m).index_put_((household, item), torch.ones(len(item)), accumulate=True)
    logs, owns = counts.log1p(), counts.gt(0)
    share = owns.float().div(owns.sum(1, keepdim=True).clamp(min=1)).sum(0).add(0.01)
    log_q = share.log() - share.sum().log()
    codes = torch.from_numpy(data["item_attributes"].copy()).unbind(1)

    def table(size):
        return torch.nn.Parameter(torch.randn(size, d, generator=generator) * 0.05)

    taste, own = table(m), table(m)
    kinds = [table(int(code.max()) + 1) for code in codes]
    bias = torch.nn.Parameter(log_q.clone())
    optimizer = torch.optim.AdamW([taste, own, *kinds], lr=5e-3, weight_decay=1.0)
    optimizer.add_param_group({"params": [bias], "weight_decay": 0.0})
    steps = epochs * -(-n // 128)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.2 * steps), 1 - step / (steps + 1))
    )

    def users_of(bag):
        return torch.cat([F.normalize(bag, dim=1) @ taste, bag.new_ones(len(bag), 1)], dim=1)

    def items_of(ids):
        vectors = own[ids]
        for kind, code in zip(kinds, codes):
            vectors = vectors + kind[code[ids]]
        return torch.cat([vectors, bias[ids, None]], dim=1)

    for _ in range(epochs):
        for rows in torch.randperm(n, generator=generator).split(128):
            kept = torch.rand(len(rows), m, generator=generator) < 0.6
            hidden = owns[rows] & ~kept
            rows, kept, hidden = (x[hidden.any(1)] for x in (rows, kept, hidden))
            if len(rows) == 0:
                continue
            ids = torch.multinomial(hidden.float(), 8, True, generator=generator).flatten()
            users = users_of(logs[rows] * kept).repeat_interleave(8, dim=0)
            optimizer.zero_grad()
            loss(users, items_of(ids), ids, log_q[ids], 1.0).backward()
            optimizer.step()
            schedule.step()

    never = int(week.max()) + 1
    first = torch.full((n * m,), never).scatter_reduce(0, household * m + item, week, "amin")
    first = first.reshape(n, m)
    before, ever = (first <= never - 9).sum(0), (first < never).sum(0)
    late = ((ever - before + 1) / (n - before + 1)).log() - 0.5 * ever.add(1).log()
    with torch.no_grad():
        items = items_of(torch.arange(m))
        items[:, -1] += 0.75 * late
        return type("Model", (), {"user_vectors": users_of(logs), "item_vectors": items})
