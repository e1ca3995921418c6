"""Plain Python loops and lists."""

import math

import numpy as np
import pandas as pd
import torch


def temporal_split(events, cut_week, horizon):
    columns = list(events.columns)
    weeks = events["week"].tolist()
    households = events["household_id"].tolist()
    past, known = [], {}
    for row in range(len(weeks)):
        if weeks[row] < cut_week:
            past.append(row)
            known[households[row]] = True
    future = []
    for row in range(len(weeks)):
        if weeks[row] >= cut_week and weeks[row] - cut_week < horizon:
            if households[row] in known:
                future.append(row)
    history = pd.DataFrame({c: [events[c].iloc[r] for r in past] for c in columns})
    targets = pd.DataFrame({c: [events[c].iloc[r] for r in future] for c in columns})
    kinds = events.dtypes.to_dict()
    return history[columns].astype(kinds), targets[columns].astype(kinds)


def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k is " + str(k) + ", but a list has at least one place")
    wanted = []
    for item in relevant:
        if item not in wanted:
            wanted.append(item)
    if len(wanted) == 0:
        return math.nan, math.nan
    found, gain = [], 0.0
    rank = 0
    for item in ranked:
        rank += 1
        if rank > k:
            break
        if item in wanted and item not in found:
            found.append(item)
            gain += math.log(2) / math.log(rank + 1)
    best, ideal = min(k, len(wanted)), 0.0
    for place in range(2, best + 2):
        ideal += 1 / math.log2(place)
    return gain / ideal, len(found) / best


def sampled_softmax(users, items, item_ids, log_q, temperature):
    places = {}
    for column, item in enumerate(item_ids.tolist()):
        places.setdefault(item, []).append(column)
    rows, columns = [], []
    for same in places.values():
        for i in same:
            for j in same:
                if i != j:
                    rows.append(i)
                    columns.append(j)
    logits = users @ items.T / temperature - log_q.to(users.dtype)
    if rows:
        hidden = torch.zeros(logits.shape, dtype=torch.bool)
        hidden[rows, columns] = True
        logits = logits.masked_fill(hidden, -math.inf)
    shifted = logits - logits.amax(dim=1, keepdim=True).detach()
    total = 0.0
    for i, row in enumerate(shifted):
        total = total - row[i]
    return (total + torch.log(torch.exp(shifted).sum(dim=1)).sum()) / len(users)


def pool_history(vectors, mask, ages, half_life):
    pooled = []
    for row, real, age in zip(vectors, mask.tolist(), ages.tolist()):
        times = [a for a, r in zip(age, real) if r]
        result = torch.zeros(vectors.shape[2], dtype=vectors.dtype)
        if times:
            shares = [0.5 ** ((a - min(times)) / half_life) for a in times]
            vectors_of_row = [x for x, r in zip(row, real) if r]
            for share, x in zip(shares, vectors_of_row):
                result = result + x * (share / math.fsum(shares))
        pooled.append(result)
    return torch.stack(pooled)


def recommend(user_vectors, item_vectors, seen, k):
    lists = []
    for vector, known in zip(user_vectors, seen):
        hidden = set(int(i) for i in known)
        scores = item_vectors.dot(vector).tolist()
        candidates = [i for i in range(len(scores)) if i not in hidden]
        if len(candidates) < k:
            raise ValueError("only " + str(len(candidates)) + " unseen items are left for a user")
        candidates.sort(key=lambda i: (-scores[i], i))
        lists.append(candidates[:k])
    return np.array(lists)


def neighbour_scores(purchases, k):
    table = purchases.toarray() if hasattr(purchases, "toarray") else purchases
    rows = [{i: float(v) for i, v in enumerate(r) if v != 0} for r in table.tolist()]
    n, n_items = table.shape
    norms = [math.sqrt(math.fsum(v * v for v in row.values())) for row in rows]
    scores = np.zeros((n, n_items))
    for i in range(n):
        others = []
        for j in range(n):
            if j == i or norms[i] == 0 or norms[j] == 0:
                continue
            dot = math.fsum(v * rows[j][item] for item, v in rows[i].items() if item in rows[j])
            others.append((dot / (norms[i] * norms[j]), j))
        others.sort(reverse=True)
        for cosine, j in others[:k]:
            for item, v in rows[j].items():
                scores[i, item] += cosine * v
    return scores


def fuse_rankings(rankings, weights, k=60):
    if len(weights) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings, but {len(weights)} weights")
    order = []
    for ranking in rankings:
        for item in ranking:
            if item not in order:
                order.append(item)
    gains = []
    for item in order:
        gain = 0.0
        for ranking, weight in zip(rankings, weights):
            if item in ranking:
                gain += weight / (k + ranking.index(item) + 1)
        gains.append(gain)
    fused = []
    while len(fused) < len(order):
        best = None
        for place in range(len(order)):
            if order[place] not in fused and (best is None or gains[place] > gains[best]):
                best = place
        fused.append(order[best])
    return fused


class TwoTowers:
    pass


def train_two_tower(data, loss, epochs, rng):
    n_households, n_items, width = data["n_households"], data["n_items"], 64
    temperature = 0.1
    bought = [{} for _ in range(n_households)]
    last = 0
    for household, item, week in zip(
        data["household"].tolist(), data["item"].tolist(), data["week"].tolist()
    ):
        bought[household].setdefault(item, []).append(week)
        last = max(last, week)

    chance = [0.01] * n_items
    for basket in bought:
        for item in basket:
            chance[item] += 1 / len(basket)
    log_q = torch.tensor([math.log(c / sum(chance)) for c in chance])

    taste = torch.from_numpy(rng.normal(0, 0.1, (n_items, width)).astype(np.float32))
    own = torch.from_numpy(rng.normal(0, 0.1, (n_items, width)).astype(np.float32))
    bias = log_q.clone()
    for parameter in (taste, own, bias):
        parameter.requires_grad = True
    # Adam with decoupled decay, written out
    state = [(p, torch.zeros_like(p), torch.zeros_like(p), decay)
             for p, decay in ((taste, 0.3), (own, 0.3), (bias, 0.0))]

    def short(x):
        return x / (1 + x.norm(dim=1, keepdim=True))

    def user_vectors(histories):
        bag = torch.zeros(len(histories), n_items)
        rows, columns, values = [], [], []
        for row, history in enumerate(histories):
            for item, weeks in history.items():
                rows.append(row)
                columns.append(item)
                values.append(math.log(1 + weeks))
        bag[rows, columns] = torch.tensor(values)
        bag = bag / bag.norm(dim=1, keepdim=True).clamp(min=1e-6)
        one = torch.full((len(histories), 1), temperature)
        return torch.cat([short(bag @ taste), one], dim=1)

    step, steps = 0, epochs * math.ceil(n_households / 128)
    for _ in range(epochs):
        order = rng.permutation(n_households).tolist()
        for start in range(0, n_households, 128):
            histories, ids, owner = [], [], []
            for household in order[start : start + 128]:
                items = list(bought[household])
                hide = (rng.random(len(items)) < 0.3).tolist()
                hidden = [item for item, h in zip(items, hide) if h]
                if not hidden or len(hidden) == len(items):
                    continue
                for pick in rng.integers(len(hidden), size=8).tolist():
                    ids.append(hidden[pick])
                    owner.append(len(histories))
                shown = {i: len(bought[household][i]) for i, h in zip(items, hide) if not h}
                histories.append(shown)
            step += 1
            if not ids:
                continue
            ids = torch.tensor(ids)
            users = user_vectors(histories)[owner]
            items = torch.cat([short(own[ids]), bias[ids].unsqueeze(1)], dim=1)
            for parameter, _, _, _ in state:
                parameter.grad = None
            loss(users, items, ids, log_q[ids], temperature).backward()
            rate = 5e-3 * min(1.0, step / (0.2 * steps), 1.02 - step / steps)
            with torch.no_grad():
                for parameter, mean, square, decay in state:
                    mean.mul_(0.9).add_(parameter.grad, alpha=0.1)
                    square.mul_(0.99).addcmul_(parameter.grad, parameter.grad, value=0.01)
                    parameter.mul_(1 - rate * decay)
                    size = (square / (1 - 0.99**step)).sqrt() + 1e-8
                    parameter.sub_(rate / (1 - 0.9**step) * mean / size)

    fresh, buyers = [0] * n_items, [0] * n_items
    for basket in bought:
        for item, weeks in basket.items():
            buyers[item] += 1
            if min(weeks) > last - 8:
                fresh[item] += 1
    late = []
    for new, all_of_them in zip(fresh, buyers):
        uptake = (new + 1) / (n_households - all_of_them + new + 1)
        late.append(0.75 * (math.log(uptake) - 0.5 * math.log(all_of_them + 1)))
    model = TwoTowers()
    with torch.no_grad():
        everything = [{i: len(weeks) for i, weeks in basket.items()} for basket in bought]
        model.user_vectors = user_vectors(everything).numpy()
        final = bias + torch.tensor(late)
        model.item_vectors = torch.cat([short(own), final.unsqueeze(1)], dim=1).numpy()
    return model
