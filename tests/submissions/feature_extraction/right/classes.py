"""Every task is done by an object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn


class Refused(ValueError):
    """Bad input."""


def refuse_if(bad: bool, why: str) -> None:
    if bad:
        raise Refused(why)


@dataclass
class WeekSplitter:
    smallest: int
    largest: int

    def __post_init__(self):
        refuse_if(self.smallest < 1, "A view needs a week.")
        refuse_if(self.largest < self.smallest, "The largest view is smaller than the smallest.")

    def __call__(self, weeks: np.ndarray, rng: np.random.Generator):
        active = sorted(set(weeks.tolist()))
        refuse_if(len(active) < 2 * self.smallest, "The household has too few weeks.")
        # two stretches of active weeks, on the ring of weeks
        start = int(rng.integers(len(active)))
        ring = active[start:] + active[:start]
        top = min(self.largest, len(active) - self.smallest)
        first = int(rng.integers(self.smallest, top + 1))
        second = int(rng.integers(self.smallest, min(self.largest, len(active) - first) + 1))
        parts = [set(ring[:first]), set(ring[first : first + second])]
        if rng.integers(2):
            parts.reverse()
        return tuple(np.array([week in part for week in weeks.tolist()], bool) for part in parts)


def two_views(weeks, min_weeks, max_weeks, rng):
    return WeekSplitter(min_weeks, max_weeks)(weeks, rng)


class Augmenter:
    def __init__(self, rate: float, mask_id: int, rng: np.random.Generator) -> None:
        refuse_if(not (rate >= 0 and rate <= 1), "No such rate.")
        self.rate, self.mask_id, self.rng = rate, mask_id, rng

    def stretch(self, items, length):
        start = self.rng.choice(len(items) - length + 1)
        return slice(start, start + length)

    def crop(self, items, length):
        kept = self.stretch(items, max(length, 1))
        return np.array(items[kept], copy=True)

    def mask(self, items, length):
        hidden = items.copy()
        hidden[self.rng.permutation(len(items))[:length]] = self.mask_id
        return hidden

    def reorder(self, items, length):
        mixed = items.copy()
        self.rng.shuffle(mixed[self.stretch(items, length)])
        return mixed


def augment_sequence(items, kind, rate, mask_id, rng):
    augmenter = Augmenter(rate, mask_id, rng)
    refuse_if(kind not in {"crop", "mask", "reorder"}, f"Unknown: {kind}.")
    refuse_if(len(items) < 1, "There are no items.")
    return getattr(augmenter, kind)(items, int(rate * len(items) // 1))


class UnitRows(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        squares = z.pow(2).sum(dim=1, keepdim=True)
        empty = squares == 0
        return z * torch.where(empty, torch.ones_like(squares), squares).rsqrt()


class NTXent(nn.Module):
    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature, self.unit = temperature, UnitRows()

    def forward(self, z_a: Tensor, z_b: Tensor) -> Tensor:
        a, b = self.unit(z_a), self.unit(z_b)
        cross = a @ b.T / self.temperature
        losses = []
        for within, between in (
            (a @ a.T / self.temperature, cross),
            (b @ b.T / self.temperature, cross.T),
        ):
            blank = torch.eye(len(a), dtype=torch.bool)
            logits = torch.hstack([between, within.masked_fill(blank, float("-inf"))])
            losses.append(-torch.log_softmax(logits, dim=1).diagonal())
        return torch.cat(losses).mean()


def nt_xent(z_a, z_b, temperature):
    return NTXent(temperature)(z_a, z_b)


class Sphere:
    def __init__(self, z: Tensor) -> None:
        refuse_if(len(z) < 2, "One row has no neighbour.")
        with torch.no_grad():
            self.z = UnitRows()(z)

    def uniformity(self) -> float:
        cosine = self.z @ self.z.T
        potential = torch.exp(4 * cosine - 4).fill_diagonal_(0)
        n = len(cosine)
        return torch.log(potential.sum() / (n * (n - 1))).item()

    def __sub__(self, other: Sphere) -> float:
        return float((self.z - other.z).norm(dim=1).pow(2).mean())


def alignment_uniformity(z_a, z_b):
    a, b = Sphere(z_a), Sphere(z_b)
    return a - b, (a.uniformity() + b.uniformity()) / 2


class KeyEncoder:
    def __init__(self, state: dict[str, Tensor], m: float) -> None:
        refuse_if(not 0 <= m <= 1, "Momentum is a share.")
        self.state, self.m = state, m

    def follow(self, query: dict[str, Tensor]) -> dict[str, Tensor]:
        refuse_if(query.keys() != self.state.keys(), "The names differ.")
        return {name: self._next(self.state[name], query[name]) for name in sorted(query)}

    def _next(self, key: Tensor, query: Tensor) -> Tensor:
        refuse_if(key.shape != query.shape, "The shapes differ.")
        if not key.is_floating_point():
            return query.clone()
        return key.clone().mul_(self.m).add_(query, alpha=1 - self.m)


def momentum_update(query_state, key_state, m):
    return KeyEncoder(key_state, m).follow(query_state)


class Gallery:
    def __init__(self, rows: np.ndarray) -> None:
        self.rows = self.unit(rows)

    @staticmethod
    def unit(rows: np.ndarray) -> np.ndarray:
        rows = np.array(rows, dtype=np.double)
        length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        rows[length > 0] /= length[length > 0, None]
        return rows

    def ranks(self, queries: np.ndarray, true_index: np.ndarray) -> np.ndarray:
        cosine = np.einsum("qd,nd->qn", self.unit(queries), self.rows)
        bar = cosine[range(len(queries)), true_index] - 1e-9
        return np.count_nonzero(cosine >= bar[:, np.newaxis], axis=1)


def retrieval_recall(queries, gallery, true_index, k):
    refuse_if(k < 1, "k starts at 1.")
    refuse_if(not set(true_index.tolist()) <= set(range(len(gallery))), "Not in the gallery.")
    return np.mean(Gallery(gallery).ranks(queries, true_index) <= k)


class Probe(ClassifierMixin, BaseEstimator):
    """Scales, holds a quarter out to choose C by log loss, fits again on everything."""

    def __init__(self, strengths=(1e-3, 1e-2, 0.1, 1, 10), seed=0):
        self.strengths, self.seed = strengths, seed

    def fit(self, X, y):
        self.scaler_ = StandardScaler().fit(X)
        X, self.classes_ = self.scaler_.transform(X), np.unique(y)
        order = np.random.default_rng(self.seed).permutation(len(y))
        held, rest = np.split(order, [max(1, len(y) // 4)])
        strength = 0.1
        if np.unique(y[rest]).size == 2:
            losses = [self._loss(X, y, rest, held, C) for C in self.strengths]
            strength = self.strengths[int(np.argmin(losses))]
        self.model_ = LogisticRegression(C=strength, max_iter=1000).fit(X, y)
        return self

    def _loss(self, X, y, rest, held, strength):
        model = LogisticRegression(C=strength, max_iter=1000).fit(X[rest], y[rest])
        return log_loss(y[held], model.predict_proba(X[held]), labels=self.classes_)

    def predict_proba(self, X):
        return self.model_.predict_proba(self.scaler_.transform(X))


def linear_probe(features, target, groups, rng):
    y, names = target.astype(int), np.unique(groups)
    refuse_if(names.size < 2, "There is one household only.")
    refuse_if(np.unique(target).size != 2, "There is one class only.")
    aucs = []
    for held in np.array_split(rng.permutation(names), min(5, names.size)):
        test = np.isin(groups, held)
        if {*y[test]} == {*y[~test]} == {0, 1}:
            probe = Probe(seed=rng.integers(2**31)).fit(features[~test], y[~test])
            aucs.append(roc_auc_score(y[test], probe.predict_proba(features[test])[:, 1]))
    if aucs:
        return float(np.mean(aucs)), float(np.std(aucs, ddof=0))
    return float("nan"), float("nan")


class Trainer:
    def __init__(self, encoder, head, loss, temperature=0.1):
        self.encoder, self.head = encoder, head
        self.loss, self.temperature = loss, temperature
        both = nn.ModuleList([encoder, head])
        self.optimizer = torch.optim.AdamW(both.parameters(), lr=2e-3, weight_decay=0.05)

    def step(self, x_a, x_b):
        self.optimizer.zero_grad()
        z_a, z_b = torch.chunk(self.head(self.encoder(torch.cat([x_a, x_b]))), 2)
        value = self.loss(z_a, z_b, self.temperature)
        value.backward()
        self.optimizer.step()
        return value.item()


def train_encoder(views, make_encoder, loss, epochs, rng):
    trainer = Trainer(*make_encoder(rng), loss)
    with torch.random.fork_rng([]):
        torch.manual_seed(int(rng.integers(1 << 40)))
        for _ in range(epochs):
            a, b = views()
            for part_a, part_b in zip(a.split(512), b.split(512)):
                if len(part_a) > 1:
                    trainer.step(part_a, part_b)
    trainer.encoder.eval()
    return trainer.encoder
