"""Recommenders for items that nobody has bought yet: they go by what an item is, not by its sales.

They score every item, bought or not. An item without purchases is scored just like one that has
some, so to test cold start, take items out of the history and rank those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shelfspace.baselines.recommenders import HistoryRecommender, check_in_range

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BLOCK = 1024
"""Items at a time whose similarities to all others are held."""


class TypePopularity(HistoryRecommender):
    """How many households bought an item of the same type, on average, on a logarithmic scale.

    The mean is over the type's items that were bought at all; a type without any gets 0.

    Parameters
    ----------
    item_types : (items,) int array
        Each item's type, at least 0.

    Raises
    ------
    ValueError
        If a type is negative; from `fit`, if there is not one type per item.
    """

    def __init__(self, item_types: np.ndarray) -> None:
        self.item_types = _codes(item_types, n_dimensions=1)

    def _fit(self, history: csr_matrix) -> None:
        _check_length(self.item_types, history, "item_types")
        households = history.getnnz(axis=0)
        total = np.bincount(self.item_types, households)
        bought = np.bincount(self.item_types, households > 0)
        mean = total / np.maximum(bought, 1)
        self._popularity = np.log1p(mean[self.item_types]).astype(np.float32)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return np.tile(self._popularity, (len(rows), 1))


class AttributeAffinity(HistoryRecommender):
    """How much a household buys of what shares the item's attributes.

    For each attribute, log(1 + w), where w is the sum of the history's values over the household's
    items with the candidate's value of it; added up over the attributes. With the type as the only
    attribute this is the household's affinity to types. A pair of attributes (type and
    manufacturer, say) is one more column of codes.

    Parameters
    ----------
    codes : (items, attributes) int array
        The items' values, numbered from 0 within each attribute.

    Raises
    ------
    ValueError
        If a code is negative; from `fit`, if there is not one row per item.
    """

    def __init__(self, codes: np.ndarray) -> None:
        self.codes = _codes(codes, n_dimensions=2)

    def _fit(self, history: csr_matrix) -> None:
        from scipy.sparse import csr_matrix

        _check_length(self.codes, history, "codes")
        n_items = len(self.codes)
        ones = np.ones(n_items)
        self._bought = [
            (history @ csr_matrix((ones, (np.arange(n_items), column)))).log1p().tocsr()
            for column in self.codes.T
        ]

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        scores = np.zeros((len(rows), len(self.codes)), np.float32)
        for bought, column in zip(self._bought, self.codes.T, strict=True):
            scores += bought[rows].toarray().astype(np.float32)[:, column]
        return scores


class TextNeighbours(HistoryRecommender):
    """Items whose text is like that of the household's items.

    An item's score is the sum, over the k bought items whose vectors are most similar to its own
    (itself left out), of the history's value times the cosine raised to `power`; a negative cosine
    counts as 0. Equally similar neighbours are taken in any order, the same in every run.

    Parameters
    ----------
    vectors : (items, d) float array
        Text embeddings; a zero row is similar to nothing.
    k : int
        Neighbours per item.
    power : float
        The larger, the more the nearest neighbours decide.

    Raises
    ------
    ValueError
        If `vectors` is no finite matrix; from `fit`, if there is not one row per item or k is not
        in 1..items.
    """

    def __init__(self, vectors: np.ndarray, k: int = 50, power: float = 4.0) -> None:
        vectors = np.asarray(vectors, np.float32)
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise ValueError("vectors must be a matrix of items x dimensions, all finite")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = vectors / np.where(lengths > 0, lengths, 1.0)
        self.k, self.power = k, power

    def _fit(self, history: csr_matrix) -> None:
        _check_length(self.vectors, history, "vectors")
        check_in_range(self.k, len(self.vectors), "k", "items")
        bought = np.flatnonzero(history.getnnz(axis=0))
        self._kernel = self._neighbours(bought)

    def _neighbours(self, bought: np.ndarray) -> csr_matrix:
        """(items, items): column i holds the powers of the cosines of item i's neighbours."""
        from scipy.sparse import csr_matrix

        n_items = len(self.vectors)
        k = min(self.k, len(bought))
        position = np.full(n_items, -1)
        position[bought] = np.arange(len(bought))
        nearest, weights = [], []
        for start in range(0, n_items, _BLOCK):
            stop = min(start + _BLOCK, n_items)
            cosines = self.vectors[start:stop] @ self.vectors[bought].T
            own = position[start:stop]
            cosines[own >= 0, own[own >= 0]] = 0.0
            best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
            chosen = np.take_along_axis(cosines, best, axis=1)
            nearest.append(bought[best])
            weights.append(np.maximum(chosen, 0.0) ** self.power)
        cells = (np.concatenate(nearest).ravel(), np.repeat(np.arange(n_items), k))
        kernel = csr_matrix((np.concatenate(weights).ravel(), cells), shape=(n_items, n_items))
        kernel.eliminate_zeros()
        return kernel

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return (self._history[rows].astype(np.float32) @ self._kernel).toarray()


def _codes(values: np.ndarray, n_dimensions: int) -> np.ndarray:
    codes = np.asarray(values)
    if codes.ndim != n_dimensions or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"codes must be an int array with {n_dimensions} dimension(s)")
    if codes.size and codes.min() < 0:
        raise ValueError("codes must be at least 0: number the values from 0")
    return codes


def _check_length(described: np.ndarray, history: csr_matrix, name: str) -> None:
    if len(described) != history.shape[1]:
        raise ValueError(
            f"{name} describes {len(described)} items, but the history has {history.shape[1]}"
        )
