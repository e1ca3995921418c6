"""What libraries offer: pandas, scikit-learn, torch.nn.functional."""

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from types import SimpleNamespace

from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import ndcg_score
from sklearn.metrics.pairwise import cosine_similarity
from torch import nn
from torch.utils.data import DataLoader


def temporal_split(events, cut_week, horizon):
    history = events.query("week < @cut_week").reset_index(drop=True)
    last = cut_week + horizon - 1
    coming = events[events["week"].between(cut_week, last, inclusive="both")]
    households = history[["household_id"]].drop_duplicates()
    targets = coming.merge(households, on="household_id", how="inner")
    return history, targets[events.columns]


def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be positive")
    wanted = pd.unique(pd.Series(list(relevant), dtype=object))
    if not len(wanted):
        return np.nan, np.nan
    places = pd.Series(list(ranked), dtype=object)
    hits = (places.isin(wanted) & ~places.duplicated()).to_numpy()[:k]
    # items that the list lacks come after it, so that the ideal list can hold them
    length = max(k, len(wanted)) + len(wanted) + 1
    truth = np.zeros((1, length))
    truth[0, : len(hits)] = hits
    lacking = len(wanted) - int(hits.sum())
    truth[0, length - lacking : length] = 1
    score = np.arange(length, 0, -1, dtype=float)[None]
    return ndcg_score(truth, score, k=k), hits.sum() / min(k, len(wanted))


def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = F.linear(users, items).div(temperature).sub(log_q.type_as(users))
    n = users.size(0)
    accidental = item_ids.unsqueeze(1).eq(item_ids).logical_and(~torch.eye(n, dtype=torch.bool))
    logits = torch.where(accidental, torch.full_like(logits, float("-inf")), logits)
    return F.cross_entropy(logits, torch.arange(n), reduction="mean")


def pool_history(vectors, mask, ages, half_life):
    clean_ages = torch.nan_to_num(ages, nan=0.0, posinf=0.0, neginf=0.0)
    score = (-np.log(2) / half_life * clean_ages.double()).masked_fill(~mask, float("-inf"))
    share = F.softmax(score, dim=1)
    share = share.masked_fill(~mask, 0.0).to(vectors.dtype)
    clean = vectors.masked_fill(~mask.unsqueeze(-1), 0.0)
    return torch.einsum("bt,btd->bd", share, clean)


def recommend(user_vectors, item_vectors, seen, k):
    blocks = []
    for start in range(0, len(user_vectors), 100):
        known = [pd.unique(pd.Series(list(one), dtype="int64")) for one in seen[start : start + 100]]
        if any(len(item_vectors) - len(one) < k for one in known):
            raise ValueError("Somebody has too few items left")
        scores = np.einsum("ud,id->ui", user_vectors[start : start + 100], item_vectors)
        for i, one in enumerate(known):
            scores[i, one] = -np.inf
        position = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
        blocks.append(np.lexsort((position, -scores), axis=1)[:, :k])
    return np.concatenate(blocks)


def neighbour_scores(purchases, k):
    X = csr_array(purchases)
    similar = cosine_similarity(X)
    n = X.shape[0]
    k = min(k, n - 1)
    np.fill_diagonal(similar, -1.0)
    weights = np.zeros_like(similar)
    if k:
        rows = np.arange(n)[:, None]
        nearest = np.argpartition(similar, n - k, axis=1)[:, n - k :]
        weights[rows, nearest] = similar[rows, nearest]
    scores = weights @ X
    return csr_array(scores) if issparse(purchases) else scores


def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("rankings and weights differ in length")
    parts = [
        pd.DataFrame({"item": pd.Series(r, dtype=object), "gain": w / (k + np.arange(1.0, len(r) + 1))})
        .drop_duplicates("item")
        for r, w in zip(rankings, weights)
    ]
    if not parts:
        return []
    table = pd.concat(parts, ignore_index=True)
    sums = table.groupby("item", sort=False)["gain"].sum()
    return sums.sort_values(ascending=False, kind="stable").index.tolist()


def train_two_tower(data, loss, epochs, rng):
    events = pd.DataFrame({name: data[name] for name in ("household", "item", "week")})
    shape = data["n_households"], data["n_items"]
    ones = np.ones(len(events))
    counts = csr_matrix((ones, (events["household"], events["item"])), shape=shape).log1p()
    svd = TruncatedSVD(min(128, min(shape) - 1), random_state=int(rng.integers(2**31)))
    directions = svd.fit(counts).components_
    basis = torch.tensor(directions.T * np.sqrt(shape[1] / len(directions)), dtype=torch.float32)
    logs = torch.tensor(counts.toarray(), dtype=torch.float32)
    owns = logs.bool()
    share = F.normalize(owns.float(), p=1, dim=1).mean(0) + 1e-5
    log_q = (share / share.sum()).log()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        user_head = nn.Linear(basis.shape[1], 64, bias=False)
        item_head = nn.Linear(basis.shape[1], 64, bias=False)
        free = nn.Embedding(shape[1], 64)
        for module, spread in ((user_head, 0.03), (item_head, 0.03), (free, 0.02)):
            nn.init.normal_(module.weight, std=spread)
        bias = nn.Parameter(log_q.clone())
        heads = [module.weight for module in (user_head, item_head, free)]
        optimizer = torch.optim.AdamW(
            [{"params": heads, "weight_decay": 0.5}, {"params": bias, "weight_decay": 0}], lr=3e-3
        )
        loader = DataLoader(torch.arange(shape[0]), batch_size=128, shuffle=True)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader))
        for _ in range(epochs):
            for rows in loader:
                hidden = owns[rows] & (torch.rand(len(rows), shape[1]) < 0.3)
                rows, hidden = rows[hidden.any(1)], hidden[hidden.any(1)]
                if not len(rows):
                    continue
                pairs = torch.distributions.Categorical(probs=hidden.float()).sample((8,)).flatten()
                users = user_head(F.normalize(logs[rows] * ~hidden, dim=1) @ basis)
                users = F.pad(users, (0, 1), value=1.0).tile(8, 1)
                items = torch.column_stack([item_head(basis[pairs]) + free(pairs), bias[pairs]])
                value = loss(users, items, pairs, log_q[pairs], 1.0)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                schedule.step()
        with torch.no_grad():
            users = F.pad(user_head(F.normalize(logs, dim=1) @ basis), (0, 1), value=1.0)
            items = item_head(basis) + free.weight
    first = events.groupby(["household", "item"], as_index=False)["week"].min()
    fresh = first[first["week"] > events["week"].max() - 8]
    everybody = first["item"].value_counts().reindex(range(shape[1]), fill_value=0).to_numpy()
    new = fresh["item"].value_counts().reindex(range(shape[1]), fill_value=0).to_numpy()
    uptake = np.log((new + 1) / (shape[0] - everybody + new + 1))
    late = bias.detach().numpy() + 0.75 * (uptake - np.log(everybody + 1) / 2)
    item_vectors = np.column_stack([items.numpy(), late])
    return SimpleNamespace(user_vectors=users.numpy(), item_vectors=item_vectors)
