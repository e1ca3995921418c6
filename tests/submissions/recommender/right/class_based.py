"""Objects, closures and a registry of refusals."""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy import sparse


@dataclass(frozen=True)
class Window:
    start: int
    weeks: int

    def before(self, week):
        return week < self.start

    def inside(self, week):
        return (week - self.start).between(0, self.weeks - 1)


class Splitter:
    def __call__(self, events, cut_week, horizon):
        window = Window(cut_week, horizon)
        history = events.loc[window.before(events["week"])]
        visits = events.groupby("household_id")["week"].transform("min")
        targets = events.loc[window.inside(events["week"]) & (visits < cut_week)]
        return history, targets


temporal_split = Splitter()


@dataclass
class RankedList:
    places: list
    k: int
    first: dict = field(default_factory=OrderedDict)

    def __post_init__(self):
        if self.k < 1:
            raise ValueError(f"a list of {self.k} places cannot be shown")
        for rank in range(min(self.k, len(self.places)), 0, -1):
            self.first[self.places[rank - 1]] = rank

    def ranks_of(self, items):
        return sorted(self.first[item] for item in items if item in self.first)

    @staticmethod
    def gain(ranks):
        return sum(1 / np.log2(1 + rank) for rank in ranks)


def ndcg_recall(ranked, relevant, k):
    shown = RankedList(list(ranked), k)
    wanted = Counter(relevant).keys()
    best = min(k, len(wanted))
    if best == 0:
        return (np.nan, np.nan)
    ranks = shown.ranks_of(wanted)
    return float(shown.gain(ranks) / shown.gain(range(1, best + 1))), len(ranks) / best


def make_loss(log_sum_exp):
    def loss(users, items, item_ids, log_q, temperature):
        logits = (users / temperature) @ items.T - log_q.to(users.dtype)
        wanted = logits.diagonal().clone()
        accidental = item_ids[:, None] == item_ids
        accidental.fill_diagonal_(False)
        logits = logits.masked_fill(accidental, -torch.inf)
        return (log_sum_exp(logits) - wanted).sum() / len(users)

    return loss


def shifted(x):
    top = x.amax(dim=1, keepdim=True).detach()
    return top.squeeze(1) + (x - top).exp().sum(dim=1).log()


sampled_softmax = make_loss(shifted)


class Pool(torch.nn.Module):
    def weights(self, mask, ages, half_life):
        rows = torch.arange(len(mask))[:, None].expand_as(mask)[mask]
        real = ages[mask].to(torch.float64)
        youngest = torch.full((len(mask),), torch.inf, dtype=torch.float64)
        youngest = youngest.scatter_reduce(0, rows, real, reduce="amin")
        weight = torch.exp2((youngest[rows] - real) / half_life)
        total = torch.zeros(len(mask), dtype=torch.float64).index_add(0, rows, weight)
        return rows, weight / total[rows]

    def forward(self, vectors, mask, ages, half_life):
        rows, share = self.weights(mask, ages, half_life)
        parts = vectors[mask] * share[:, None].to(vectors.dtype)
        return vectors.new_zeros(len(mask), vectors.shape[-1]).index_add(0, rows, parts)


pool_history = Pool()


class Retriever:
    def __init__(self, item_vectors, k):
        self.items, self.k = np.ascontiguousarray(item_vectors), k

    def one(self, user, known):
        allowed = np.ones(len(self.items), dtype=bool)
        if len(known):
            allowed[list(known)] = False
        if np.count_nonzero(allowed) < self.k:
            raise ValueError("too few items that the user has not seen")
        score = np.where(allowed, self.items @ user, -np.inf)
        # whoever is at least as good as the k-th, and then in order
        bar = np.partition(score, -self.k)[-self.k]
        good = np.flatnonzero((score >= bar) & allowed)
        return good[np.argsort(-score[good], kind="mergesort")][: self.k]


def recommend(user_vectors, item_vectors, seen, k):
    retriever = Retriever(item_vectors, k)
    return np.stack([retriever.one(user, known) for user, known in zip(user_vectors, seen)])


class Neighbours:
    def __init__(self, purchases):
        is_sparse = sparse.issparse(purchases)
        self.table = np.asarray(purchases.todense() if is_sparse else purchases, dtype=float)
        lengths = np.linalg.norm(self.table, axis=1)
        self.unit = np.divide(
            self.table, lengths[:, None], out=np.zeros_like(self.table), where=lengths[:, None] > 0
        )

    def of(self, i, k):
        cosine = self.unit @ self.unit[i]
        others = np.delete(np.arange(len(cosine)), i)
        order = others[np.argsort(cosine[others])[::-1]][:k]
        return order, cosine[order]

    def score(self, i, k):
        rows, cosine = self.of(i, k)
        return cosine @ self.table[rows]


def neighbour_scores(purchases, k):
    neighbours = Neighbours(purchases)
    rows = [neighbours.score(i, k) for i in range(len(neighbours.table))]
    return sparse.csr_matrix(np.array(rows))


class Fusion:
    def __init__(self, k):
        self.k, self.gains, self.born = k, Counter(), {}

    def add(self, ranking, weight):
        fresh = set(ranking)
        for rank, item in enumerate(ranking, start=1):
            self.born.setdefault(item, len(self.born))
            if item in fresh:
                fresh.remove(item)
                self.gains[item] += weight / (self.k + rank)

    def result(self):
        return sorted(self.born, key=lambda item: (-self.gains[item], self.born[item]))


def fuse_rankings(rankings, weights, k=60):
    fusion = Fusion(k)
    try:
        for ranking, weight in zip(rankings, weights, strict=True):
            fusion.add(ranking, weight)
    except ValueError:
        raise ValueError("there is not exactly one weight for each ranking") from None
    return fusion.result()


class TwoTower(torch.nn.Module):
    def __init__(self, data, width=48):
        super().__init__()
        self.shape = data["n_households"], data["n_items"]
        cells = data["household"] * self.shape[1] + data["item"]
        counts = np.bincount(cells, minlength=self.shape[0] * self.shape[1]).reshape(self.shape)
        self.logs = torch.from_numpy(np.log1p(counts).astype(np.float32))
        self.codes = torch.from_numpy(data["item_attributes"])
        share = (counts > 0).sum(axis=0) + 0.1
        self.popularity = torch.from_numpy(np.log(share / share.sum()).astype(np.float32))
        self.taste = torch.nn.Linear(self.shape[1], width, bias=False)
        self.own = torch.nn.Embedding(self.shape[1], width)
        sizes = [int(size) + 1 for size in self.codes.amax(dim=0)]
        self.kinds = torch.nn.ModuleList([torch.nn.Embedding(size, width) for size in sizes])
        for parameter in self.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        self.bias = torch.nn.Parameter(self.popularity.clone())
        self.late = torch.zeros(self.shape[1])

    def users(self, bags):
        length = bags.norm(dim=1, keepdim=True).clamp(min=1e-6)
        return torch.cat([self.taste(bags / length), torch.ones(len(bags), 1)], dim=1)

    def items(self, ids):
        vectors = self.own(ids)
        for column, kind in enumerate(self.kinds):
            vectors = vectors + kind(self.codes[ids, column])
        return torch.cat([vectors, (self.bias + self.late)[ids].unsqueeze(1)], dim=1)

    @property
    def user_vectors(self):
        with torch.no_grad():
            return self.users(self.logs).numpy()

    @property
    def item_vectors(self):
        with torch.no_grad():
            return self.items(torch.arange(self.shape[1])).numpy()


class Hiding:
    """Batches: what is left of some histories, and pairs of (row, hidden item)."""

    def __init__(self, logs, rate, size, rng):
        self.logs, self.rate, self.size, self.rng = logs, rate, size, rng

    def __iter__(self):
        households = torch.from_numpy(self.rng.permutation(len(self.logs)))
        for chunk in households.split(self.size):
            bags = self.logs[chunk]
            hidden = (bags > 0) & (torch.rand(bags.shape) < self.rate)
            pairs = hidden.nonzero()
            if len(pairs):
                # as many as memory and time allow: every hidden item is as likely as another
                pairs = pairs[torch.randperm(len(pairs))[:900]]
                yield bags.masked_fill(hidden, 0.0), pairs[:, 0], pairs[:, 1]


class Trainer:
    rate, decay = 5e-3, 1.0

    def __init__(self, loss, epochs, rng):
        self.loss, self.epochs, self.rng = loss, epochs, rng

    def fit(self, model):
        batches = Hiding(model.logs, 0.4, 128, self.rng)
        tables = [p for name, p in model.named_parameters() if name != "bias"]
        optimizer = torch.optim.AdamW(tables, lr=self.rate, weight_decay=self.decay)
        optimizer.add_param_group({"params": [model.bias], "weight_decay": 0.0})
        for epoch in range(self.epochs):
            for group in optimizer.param_groups:
                group["lr"] = self.rate * min(1.0, (epoch + 1) / 3, 1.1 - epoch / self.epochs)
            for bags, rows, ids in batches:
                users, items = model.users(bags)[rows], model.items(ids)
                value = self.loss(users, items, ids, model.popularity[ids], 1.0)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
        return model


def uptake(data, weeks=8, strength=0.75):
    """How much faster than usual an item finds new buyers lately."""
    n, m = data["n_households"], data["n_items"]
    cells, at = np.unique(data["household"] * m + data["item"], return_index=True)
    item, week = cells % m, data["week"][at]  # sorted by week: the first event is the earliest
    ever = np.bincount(item, minlength=m)
    new = np.bincount(item[week > data["week"].max() - weeks], minlength=m)
    rate = (new + 1) / (n - ever + new + 1)
    return torch.from_numpy(strength * (np.log(rate) - np.log(ever + 1) / 2)).float()


def train_two_tower(data, loss, epochs, rng):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(1 << 31)))
        model = Trainer(loss, epochs, rng).fit(TwoTower(data))
    model.late = uptake(data)
    return model
