"""The gate's data: real households, some to learn from and some that no encoder has seen.

A week of a household is the sum of its products' rows in a truncated SVD of TF-IDF vectors, fitted
on the training households. A view, a set of weeks, is the sum of its weeks, of length 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from autograder.exercises.feature_extraction.props import HIDDEN, INPUT

LAST_WEEK, HALF = 48, 24
N_TRAIN, BATCH = 1200, 192
MIN_WEEKS, MAX_WEEKS = 4, 24


@cache
def _bought() -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Households, products and weeks of everything bought, each once; the number of products.

    Only households with enough active weeks for two views, in both half-years.
    """
    from shelfspace.data import load_purchases

    purchases = load_purchases("product")
    events = purchases.events[purchases.events["week"] <= LAST_WEEK]
    events = events[["household", "item", "week"]].drop_duplicates()
    weeks = events[["household", "week"]].drop_duplicates()
    early = weeks["household"][weeks["week"] <= HALF].unique()
    late = weeks["household"][weeks["week"] > HALF].unique()
    enough = weeks["household"].value_counts()
    kept = np.intersect1d(early, late)
    kept = np.intersect1d(kept, enough.index[enough >= 2 * MIN_WEEKS])
    events = events[events["household"].isin(kept)].sort_values(["household", "week", "item"])
    household = np.searchsorted(kept, events["household"].to_numpy())
    return household, events["item"].to_numpy(), events["week"].to_numpy(), purchases.n_items


@dataclass(frozen=True, eq=False)
class Households:
    """Training households as weeks, unseen ones as half-years.

    Attributes
    ----------
    weeks : (r, INPUT) float32 array
        One row for each active week of each training household.
    owner : (r,) int array
        The household of each row, ascending from 0.
    first, second : (m, INPUT) float32 arrays
        Both half-years of each unseen household.
    """

    weeks: np.ndarray
    owner: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def views(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Two (BATCH, INPUT) arrays: disjoint random sets of weeks of BATCH random households."""
        from scipy.sparse import csr_matrix

        drawn = np.full(N_TRAIN, -1)  # the place of each household in the batch
        drawn[rng.choice(N_TRAIN, BATCH, replace=False)] = np.arange(BATCH)
        rows = np.flatnonzero(drawn[self.owner] >= 0)
        owner = drawn[self.owner[rows]]
        rows, owner = rows[np.argsort(owner, kind="stable")], np.sort(owner)
        n_weeks = np.bincount(owner)
        order = np.lexsort((rng.random(len(owner)), owner))
        place = np.arange(len(order)) - np.repeat(np.cumsum(n_weeks) - n_weeks, n_weeks)
        most = np.minimum(MAX_WEEKS, n_weeks // 2)
        size_a, size_b = (rng.integers(MIN_WEEKS, most + 1)[owner] for _ in range(2))
        views = []
        for inside in (place < size_a, (place >= size_a) & (place < size_a + size_b)):
            cells = owner[inside], order[inside]
            ones = np.ones(int(inside.sum()), np.float32)
            sums = csr_matrix((ones, cells), shape=(BATCH, len(order))) @ self.weeks[rows]
            views.append(unit(sums))
        return views[0], views[1]


@lru_cache(2)
def households(seed: int) -> Households:
    """A random split of the real households into N_TRAIN training ones and unseen ones."""
    from scipy.sparse import csr_matrix, vstack
    from sklearn.utils.extmath import randomized_svd

    household, item, week, n_items = _bought()
    order = np.random.default_rng(seed).permutation(household.max() + 1)
    number = np.argsort(order)[household]  # the first N_TRAIN are for training
    shape = (len(order), n_items)

    def counts(chosen: np.ndarray) -> Any:
        ones = np.ones(int(chosen.sum()), np.float32)
        return csr_matrix((ones, (number[chosen], item[chosen])), shape=shape)

    halves = [counts(week <= HALF), counts(week > HALF)]
    buyers = np.asarray((halves[0][:N_TRAIN] + halves[1][:N_TRAIN] > 0).sum(0)).ravel()
    idf = np.log(N_TRAIN / (1 + buyers)).clip(min=0).astype(np.float32)
    known = vstack([_tf_idf(half[:N_TRAIN], idf) for half in halves])
    _, _, directions = randomized_svd(known, INPUT, n_iter=3, random_state=seed % (1 << 32))
    products = idf[:, None] * directions.T.astype(np.float32)
    training = number < N_TRAIN
    slots, slot = np.unique(number[training] * 64 + week[training], return_inverse=True)
    ones = np.ones(len(slot), np.float32)
    weeks = csr_matrix((ones, (slot, item[training])), shape=(len(slots), n_items)) @ products
    first, second = (unit(half[N_TRAIN:] @ products) for half in halves)
    return Households(weeks, slots // 64, first, second)


def _tf_idf(counts: Any, idf: np.ndarray) -> Any:
    """Rows of square-rooted counts, weighted, of length 1."""
    from scipy.sparse import diags_array

    weighted = counts.sqrt() @ diags_array(idf)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    return diags_array((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ weighted


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; a row of zeros stays."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def recall_at_1(queries: np.ndarray, gallery: np.ndarray) -> float:
    """Share of queries whose nearest gallery row by cosine has their own number, ties lost."""
    cosine = unit(queries.astype(float)) @ unit(gallery.astype(float)).T
    rivals = cosine >= np.diag(cosine)[:, None] - 1e-9
    return float((rivals.sum(1) == 1).mean())


def uniformity(rows: np.ndarray) -> float:
    """Log mean Gaussian potential of different rows (Wang & Isola 2020); 0 in one point."""
    z = unit(rows.astype(float))
    potential = np.exp(-4 * (1 - np.clip(z @ z.T, -1, 1)))
    n = len(z)
    return float(np.log((potential.sum() - np.trace(potential)) / (n * (n - 1))))


def recall_of_svd(data: Households) -> float:
    """Recall@1 of the leading HIDDEN directions, fitted on the training households."""
    return recall_at_1(data.second[:, :HIDDEN], data.first[:, :HIDDEN])


def recall_untrained(data: Households, seed: int) -> float:
    """Mean Recall@1 of three encoders as `make_encoder` makes them."""
    import torch

    from autograder.exercises.feature_extraction.props import make_encoder

    rng = np.random.default_rng(seed)
    recalls = []
    for _ in range(3):
        encoder = make_encoder(rng)[0].eval()
        with torch.no_grad():
            halves = [encoder(torch.from_numpy(half)).numpy() for half in (data.second, data.first)]
        recalls.append(recall_at_1(*halves))
    return float(np.mean(recalls))
