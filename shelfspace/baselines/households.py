"""Features of households: what a learned encoder of households is held against.

All of them take (households, items) matrices of counts, one row per household or per household and
window of weeks. What is learned from data (idf weights, singular vectors, the whitening) is learned
in `fit`, from the rows of training households only. A row without purchases has features of zero
(but for its recency).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import spmatrix
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import Pipeline

RFM_COLUMNS = ("recency", "tenure", "trips", "active_weeks", "spend", "spend_per_trip")
"""The columns of `recency_frequency_money`."""


def recency_frequency_money(
    lines: pd.DataFrame, n_households: int, first_day: int, last_day: int
) -> np.ndarray:
    """When, how often and for how much each household bought within a window of days.

    Parameters
    ----------
    lines : DataFrame
        Receipt lines of the window, in any order: `household` (row number), `day`, `basket_id` and
        `spend` (dollars).
    n_households : int
        Rows of the result.
    first_day, last_day : int
        The window, ends included.

    Returns
    -------
    (n_households, 6) float64 array
        Columns as in `RFM_COLUMNS`, each as log(1 + value): days from the last trip to the end of
        the window, days from the first trip to its end, trips, weeks (of seven days, counted from
        `first_day`) with a trip, dollars, dollars per trip. Of a household without a trip, the
        recency is the window's length and all else is 0. Refunds can't make spend negative.

    Raises
    ------
    ValueError
        If a day lies outside the window or a household outside 0..n_households - 1.
    """
    _check_lines(lines, n_households, first_day, last_day)
    found = lines.assign(week=(lines["day"] - first_day) // 7).groupby("household")
    features = np.zeros((n_households, len(RFM_COLUMNS)))
    features[:, 0] = last_day - first_day + 1
    rows = np.array(sorted(found.groups), dtype=np.int64)
    trips = found["basket_id"].nunique().to_numpy()
    spend = np.maximum(found["spend"].sum().to_numpy(), 0.0)
    features[rows] = np.column_stack(
        [
            last_day - found["day"].max(),
            last_day - found["day"].min(),
            trips,
            found["week"].nunique(),
            spend,
            spend / trips,
        ]
    )
    return np.log1p(features)


def _check_lines(lines: pd.DataFrame, n_households: int, first_day: int, last_day: int) -> None:
    if not lines["day"].between(first_day, last_day).all():
        raise ValueError(f"lines must lie within days {first_day}..{last_day}: cut them first")
    if not lines["household"].between(0, n_households - 1).all():
        raise ValueError(f"lines must name households 0..{n_households - 1}")


def tfidf() -> TfidfTransformer:
    """An unfitted TF-IDF of items: (1 + log count) x smoothed idf, rows of length 1 (sparse).

    A household is a document and an item a word (Sparck Jones 1972), so that what everybody buys
    says little of who someone is.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True)


def tfidf_svd(dimension: int, seed: int) -> Pipeline:
    """An unfitted truncated SVD of `tfidf`, rows of length 1 (Deerwester et al. 1990).

    Parameters
    ----------
    dimension : int
        Length of the vectors; less than both sides of the matrix that it is fitted to, or `fit`
        raises ValueError.
    seed : int
        Of ARPACK's starting vector: the same rows give the same vectors, signs included.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    svd = TruncatedSVD(dimension, algorithm="arpack", random_state=seed)
    return make_pipeline(tfidf(), svd, Normalizer())


def random_encoder(dimension: int, seed: int) -> Pipeline:
    """An unfitted, untrained encoder: a Gaussian random projection of `tfidf`, rows of length 1.

    What training adds is what an encoder has over this one at the same dimension. Nothing but idf
    is learned; distances are about kept (Johnson and Lindenstrauss 1984).
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer
    from sklearn.random_projection import GaussianRandomProjection

    projection = GaussianRandomProjection(dimension, random_state=seed)
    return make_pipeline(tfidf(), projection, Normalizer())


class MeanText:
    """A household as the mean of its items' text vectors, weighted by (1 + log count) x idf.

    Parameters
    ----------
    vectors : (items, d) float array
        Text embeddings of the items.

    Raises
    ------
    ValueError
        From `fit` and `transform`, if there is not one vector per item.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = np.asarray(vectors, np.float32)

    def fit(self, counts: spmatrix) -> Self:
        """Learn the idf weights from (rows, items) counts."""
        self._check(counts)
        self._tfidf = tfidf().set_params(norm="l1").fit(counts)  # weights that add up to 1
        return self

    def transform(self, counts: spmatrix) -> np.ndarray:
        """(rows, d) float32 means; zeros for an empty row."""
        self._check(counts)
        return (self._tfidf.transform(counts) @ self.vectors).astype(np.float32)

    def _check(self, counts: spmatrix) -> None:
        if counts.shape[1] != len(self.vectors):
            raise ValueError(
                f"there are {len(self.vectors)} vectors, but the counts have {counts.shape[1]} "
                "items"
            )


class WithinClassWhitening:
    """Scales down directions in which a household differs from itself: WCCN.

    Within-class covariance normalisation (Hatch, Kajarekar and Stolcke 2006). With W the covariance
    of a household's two windows around their mean and W = L L', the map is z -> L^-1 z: after it,
    the within-class covariance of the training pairs is the identity. Cosines mean most if the
    rows are brought to length 1 afterwards.

    Parameters
    ----------
    shrinkage : float
        In 0..1: share of the identity, times W's mean variance, that is mixed into W. More is safer
        when there are few pairs per dimension.

    Raises
    ------
    ValueError
        If `shrinkage` is outside 0..1.
    """

    def __init__(self, shrinkage: float = 0.05) -> None:
        if not 0 <= shrinkage <= 1:
            raise ValueError(f"shrinkage must lie in 0..1, got {shrinkage}")
        self.shrinkage = shrinkage

    def fit(self, a: np.ndarray, b: np.ndarray) -> Self:
        """Learn from pairs of windows.

        Parameters
        ----------
        a, b : (pairs, d) float array
            Row i of both belongs to the same household.

        Raises
        ------
        ValueError
            If the shapes differ, or W is singular (fewer pairs than dimensions, or a constant
            column) and `shrinkage` does not mend it.
        """
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        if a.ndim != 2 or a.shape != b.shape or not len(a):
            raise ValueError(f"a and b must be matrices of one shape, got {a.shape} and {b.shape}")
        half = (a - b) / 2  # both windows lie this far from their mean
        within = half.T @ half / len(a)
        mean_variance = np.trace(within) / len(within)
        mixed = (1 - self.shrinkage) * within
        mixed[np.diag_indices_from(mixed)] += self.shrinkage * mean_variance
        if np.linalg.matrix_rank(mixed, hermitian=True) < len(mixed):
            raise ValueError(
                "the within-class covariance is singular: give more pairs than dimensions, or "
                "raise shrinkage"
            )
        self._root = np.linalg.cholesky(mixed)
        return self

    def transform(self, z: np.ndarray) -> np.ndarray:
        """(rows, d) float64: the rows of `z`, whitened; a zero row stays zero."""
        from scipy.linalg import solve_triangular

        return solve_triangular(self._root, np.asarray(z, np.float64).T, lower=True).T
