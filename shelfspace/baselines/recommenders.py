"""Recommenders that learn from who bought what: the package's docstring has their interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse import csr_matrix, spmatrix

_BLOCK = 256
"""Households at a time where a dense (households, items) matrix would be needed to fit."""


class Recommender(Protocol):
    """Whatever scores items for households."""

    def scores(self, rows: ArrayLike) -> np.ndarray:
        """(len(rows), items) float32: each item's score for these households, higher is better."""


class HistoryRecommender(ABC):
    """A recommender that is fitted to a matrix of purchases and scores the rows of that matrix."""

    _history: csr_matrix

    def fit(self, history: spmatrix | np.ndarray) -> Self:
        """Learn from a matrix of purchases, which is not modified.

        Parameters
        ----------
        history : (households, items) sparse matrix or array
            Counts or other weights of purchases, at least 0; 0 means not bought.

        Raises
        ------
        ValueError
            If `history` is no matrix, holds a negative, infinite or missing value, holds no
            purchase at all, or does not fit the recommender's own parameters.
        """
        self._history = _checked(history)
        self._fit(self._history)
        return self

    def scores(self, rows: ArrayLike) -> np.ndarray:
        """Scores of all items for some households: higher is better.

        Parameters
        ----------
        rows : (m,) int array
            Row numbers in the matrix that was fitted. Memory grows with m times the number of
            items: ask for blocks of households.

        Returns
        -------
        (m, items) float32 array, finite

        Raises
        ------
        ValueError
            If nothing was fitted yet, or a row number lies outside the matrix.
        """
        if not hasattr(self, "_history"):
            raise ValueError(f"{type(self).__name__} has no scores yet: call fit(history) first")
        rows = np.asarray(rows)
        if rows.size == 0:
            return np.zeros((0, self._history.shape[1]), np.float32)
        n_rows = self._history.shape[0]
        if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
            raise ValueError("rows must be a one-dimensional array of row numbers (int)")
        if rows.min() < 0 or rows.max() >= n_rows:
            raise ValueError(f"rows must lie in 0..{n_rows - 1}, the rows of the fitted history")
        return self._scores(rows).astype(np.float32, copy=False)

    @abstractmethod
    def _fit(self, history: csr_matrix) -> None:
        """Learn from a float64 matrix without explicit zeros."""

    @abstractmethod
    def _scores(self, rows: np.ndarray) -> np.ndarray:
        """Scores for valid row numbers."""


class Popularity(HistoryRecommender):
    """How many households bought an item, on a logarithmic scale.

    Recent popularity is this, fitted to the counts of the most recent weeks. Households say more
    than units on what others will try: a few of them buy the same carton every week. The logarithm
    leaves the order as it is and makes the scores fit to be blended with others.
    """

    def _fit(self, history: csr_matrix) -> None:
        self._popularity = np.log1p(history.getnnz(axis=0)).astype(np.float32)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return np.tile(self._popularity, (len(rows), 1))


class PersonalFrequency(HistoryRecommender):
    """What the household itself bought most: its own row, as it is.

    Fitted to `decayed_counts` it prefers what was bought often and lately. Items never bought are
    all tied at 0, so it has nothing to say on new ones.
    """

    def _fit(self, history: csr_matrix) -> None:
        pass  # the history is the model

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return self._history[rows].toarray()


class ItemKNN(HistoryRecommender):
    """Items whose buyers are those of the household's items (Sarwar et al. 2001), by `implicit`.

    An item's score is the sum of its similarities to the household's items, weighted by the
    history's values; for each of the household's items, only the k items most similar to it count,
    itself included.

    Parameters
    ----------
    k : int
        Neighbours per item, itself among them.
    weighting : "cosine" or "bm25"
        "cosine": cosine of the items' columns. "bm25": dot product of the columns after Okapi BM25
        (Robertson and Walker 1994), an item being a document and a household a word.
    k1, b : float
        BM25's saturation of counts and correction for popular items.

    Raises
    ------
    ValueError
        If `weighting` is unknown; from `fit`, if k is not in 1..items.
    """

    def __init__(
        self,
        k: int = 100,
        weighting: Literal["cosine", "bm25"] = "cosine",
        k1: float = 1.2,
        b: float = 0.75,
    ) -> None:
        if weighting not in ("cosine", "bm25"):
            raise ValueError(f'weighting must be "cosine" or "bm25", got {weighting!r}')
        self.k, self.weighting, self.k1, self.b = k, weighting, k1, b

    def _fit(self, history: csr_matrix) -> None:
        from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight, normalize

        check_in_range(self.k, history.shape[1], "k", "items")
        by_item = history.T
        if self.weighting == "cosine":
            weighted = normalize(by_item)
        else:
            weighted = bm25_weight(by_item, self.k1, self.b)
        model = ItemItemRecommender(self.k, num_threads=1)
        model.fit(weighted.T.tocsr(), show_progress=False)
        self._similarity = model.similarity.astype(np.float32)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return (self._history[rows].astype(np.float32) @ self._similarity).toarray()


class ALS(HistoryRecommender):
    """Matrix factorisation for implicit feedback (Hu, Koren and Volinsky 2008), by `implicit`.

    Minimises the sum over all cells of c (p - u.v)^2, plus `l2` times the squared norms of all
    factors, where p = 1 and c = 1 + alpha x for a bought item with value x, else p = 0 and c = 1.
    One thread and a seed: the same history gives the same factors.

    Parameters
    ----------
    factors : int
        Length of the vectors.
    l2, alpha : float
        Regularisation, and how much a purchase outweighs its absence.
    iterations : int
        Rounds of alternating updates (three conjugate gradient steps each, Takacs et al. 2011).
    seed : int
        Of the starting values.

    Attributes
    ----------
    household_factors : (households, factors) float32 array
        Zero for a household without purchases.
    item_factors : (items, factors) float32 array
        Zero for an item that nobody bought.

    Raises
    ------
    ValueError
        From `fit`, if there are more factors than items.
    """

    household_factors: np.ndarray
    item_factors: np.ndarray

    def __init__(
        self,
        factors: int = 64,
        l2: float = 1.0,
        alpha: float = 1.0,
        iterations: int = 15,
        seed: int = 0,
    ) -> None:
        self.factors, self.l2, self.alpha = factors, l2, alpha
        self.iterations, self.seed = iterations, seed

    def _fit(self, history: csr_matrix) -> None:
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        check_in_range(self.factors, history.shape[1], "factors", "items")
        # the library takes a cell's value for the whole of c, where the paper has 1 + alpha x
        confidence = history.copy()
        confidence.data = 1.0 + self.alpha * confidence.data
        with threadpool_limits(1, "blas"):  # it warns, rightly, of threads within threads
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.l2,
                iterations=self.iterations,
                num_threads=1,
                random_state=self.seed,
            )
            model.fit(confidence.astype(np.float32), show_progress=False)
        self.household_factors, self.item_factors = model.user_factors, model.item_factors

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return self.household_factors[rows] @ self.item_factors.T


class EASE(HistoryRecommender):
    """Linear regression of every item on all other items, in closed form: EASE^R (Steck 2019).

    With X the history and P = (X'X + l2 I)^-1, the item weights B = I - P / diag(P) (column by
    column) have a zero diagonal, so that no item predicts itself; scores are X B.

    The dual form inverts a matrix of households instead of items. X P = M X with
    M = (X X' + l2 I)^-1, so X B = X - M X / diag(P), and l2 diag(P) = 1 - diag(X' M X): exact, and
    neither P nor B is ever made.

    Parameters
    ----------
    l2 : float
        Regularisation; the paper's lambda.
    form : "auto", "primal" or "dual"
        Which inverse to compute; "auto" takes the smaller.

    Raises
    ------
    ValueError
        If `l2` is not positive or `form` is unknown.
    """

    def __init__(self, l2: float = 200.0, form: Literal["auto", "primal", "dual"] = "auto") -> None:
        if not l2 > 0:
            raise ValueError(f"l2 must be positive, got {l2}")
        if form not in ("auto", "primal", "dual"):
            raise ValueError(f'form must be "auto", "primal" or "dual", got {form!r}')
        self.l2, self.form = l2, form

    @property
    def item_weights(self) -> np.ndarray:
        """(items, items) float64 array B, zero on its diagonal: column j predicts item j.

        Raises
        ------
        ValueError
            If the dual form was fitted, which is chosen so as not to hold this matrix.
        """
        if self._is_dual:
            raise ValueError('the dual form of EASE has no item weights: fit with form="primal"')
        return self._weights

    def _fit(self, history: csr_matrix) -> None:
        n_households, n_items = history.shape
        self._is_dual = self.form == "dual" or (self.form == "auto" and n_items > n_households)
        if self._is_dual:
            self._inverse = _regularised_inverse((history @ history.T).toarray(), self.l2)
            explained = np.zeros(n_items)
            for start in range(0, n_households, _BLOCK):
                rows = np.arange(start, min(start + _BLOCK, n_households))
                explained += np.asarray(history[rows].multiply(self._smoothed(rows)).sum(0)).ravel()
            self._diagonal = (1.0 - explained) / self.l2
        else:
            inverse = _regularised_inverse((history.T @ history).toarray(), self.l2)
            self._weights = inverse / -np.diag(inverse)
            np.fill_diagonal(self._weights, 0.0)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        if self._is_dual:
            return self._history[rows].toarray() - self._smoothed(rows) / self._diagonal
        return self._history[rows] @ self._weights

    def _smoothed(self, rows: np.ndarray) -> np.ndarray:
        """These rows of M X."""
        return (self._history.T @ self._inverse[:, rows]).T  # M is symmetric


class PureSVD(HistoryRecommender):
    """The history as its best approximation of rank k: X V V' (Cremonesi et al. 2010).

    By scikit-learn's TruncatedSVD with ARPACK from a seeded starting vector.

    Parameters
    ----------
    k : int
        Singular vectors.
    seed : int
        Of ARPACK's starting vector.

    Attributes
    ----------
    item_factors : (items, k) float64 array
        V: orthonormal columns, the largest singular value first, signs fixed.

    Raises
    ------
    ValueError
        From `fit`, if k is not in 1..min(households, items) - 1.
    """

    item_factors: np.ndarray

    def __init__(self, k: int = 64, seed: int = 0) -> None:
        self.k, self.seed = k, seed

    def _fit(self, history: csr_matrix) -> None:
        from sklearn.decomposition import TruncatedSVD

        check_in_range(self.k, min(history.shape) - 1, "k", "households or items, less one")
        svd = TruncatedSVD(self.k, algorithm="arpack", random_state=self.seed)
        self.item_factors = svd.fit(history).components_.T

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return (self._history[rows] @ self.item_factors) @ self.item_factors.T


class Blend:
    """A weighted sum of fitted recommenders, each standardised per household.

    A recommender's scores for a household are shifted and scaled to mean 0 and standard deviation 1
    over all items, so that a weight means the same for a household with many purchases and one
    with few. A household for which a recommender scores all items alike gets 0 from it. A weight is
    a choice, to be made on the validation weeks.

    Parameters
    ----------
    parts : sequence of fitted recommenders
        They may be fitted to different matrices, as long as rows and columns mean the same.
    weights : sequence of float
        One per part.

    Raises
    ------
    ValueError
        If there is no part, or not one finite weight per part.
    """

    def __init__(self, parts: Sequence[Recommender], weights: Sequence[float]) -> None:
        if not parts or len(parts) != len(weights):
            raise ValueError(
                f"a blend needs one weight per part, got {len(parts)} parts and "
                f"{len(weights)} weights"
            )
        if not np.isfinite(weights).all():
            raise ValueError(f"weights must be finite, got {list(weights)}")
        self.parts, self.weights = tuple(parts), tuple(float(weight) for weight in weights)

    def scores(self, rows: ArrayLike) -> np.ndarray:
        """(m, items) float32: as a recommender's `scores`; errors are those of the parts."""
        shares = [
            np.float32(weight) * standardise(part.scores(rows))
            for part, weight in zip(self.parts, self.weights, strict=True)
        ]
        return np.sum(shares, axis=0)


def standardise(scores: np.ndarray) -> np.ndarray:
    """(m, items) float32 scores with mean 0 and standard deviation 1 per row; 0 where constant."""
    centred = scores - scores.mean(axis=1, keepdims=True, dtype=np.float64)
    spread = centred.std(axis=1, keepdims=True)
    constant = scores.max(axis=1, keepdims=True) == scores.min(axis=1, keepdims=True)
    return (np.where(constant, 0.0, centred) / np.where(constant, 1.0, spread)).astype(np.float32)


def decayed_counts(
    households: ArrayLike,
    items: ArrayLike,
    weeks: ArrayLike,
    now: int,
    half_life: float,
    shape: tuple[int, int],
) -> csr_matrix:
    """Purchases added up per household and item, a purchase of `half_life` weeks ago for a half.

    Parameters
    ----------
    households, items, weeks : (m,) int array
        One entry per purchase: its row, its column and its week.
    now : int
        The week from which age is counted: the first one that is to be predicted. All purchases
        lie before it.
    half_life : float
        In weeks; infinity gives plain counts.
    shape : (int, int)
        Households and items.

    Returns
    -------
    (households, items) float64 csr_matrix of sums of 0.5 ** ((now - week) / half_life)

    Raises
    ------
    ValueError
        If a purchase's week is `now` or later, or the half-life is not positive.
    """
    from scipy.sparse import csr_matrix

    if not half_life > 0:
        raise ValueError(f"half_life must be positive, got {half_life}")
    ages = now - np.asarray(weeks)
    if ages.size and ages.min() < 1:
        raise ValueError(
            f"purchases of week {now} or later are what is to be predicted: leave them out"
        )
    cells = (np.asarray(households), np.asarray(items))
    return csr_matrix((0.5 ** (ages / half_life), cells), shape=shape)


def log_counts(counts: spmatrix) -> csr_matrix:
    """A new (households, items) float64 matrix of log(1 + count): the tenth carton adds little."""
    from scipy.sparse import csr_matrix

    return csr_matrix(counts, dtype=np.float64, copy=True).log1p()


def _checked(history: spmatrix | np.ndarray) -> csr_matrix:
    """A float64 copy without duplicate entries or explicit zeros."""
    from scipy.sparse import csr_matrix, issparse

    if not issparse(history) and np.ndim(history) != 2:
        raise ValueError("history must be a matrix of households x items")
    matrix = csr_matrix(history, dtype=np.float64, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if not (np.isfinite(matrix.data).all() and (matrix.data > 0).all()):
        raise ValueError("history must hold finite numbers that are at least 0")
    if matrix.nnz == 0:
        raise ValueError("history holds no purchase: check the weeks that it was made from")
    return matrix


def check_in_range(value: int, most: int, name: str, what: str) -> None:
    if not 1 <= value <= most:
        raise ValueError(f"{name} must lie in 1..{most} (the number of {what}), got {value}")


def _regularised_inverse(gram: np.ndarray, l2: float) -> np.ndarray:
    """The inverse of a (n, n) float64 Gram matrix plus l2 on its diagonal; overwrites `gram`."""
    from scipy.linalg import lapack

    gram[np.diag_indices_from(gram)] += l2
    # Cholesky: half the work of a general inverse, and exactly symmetric
    factor, failed = lapack.dpotrf(gram, lower=True)
    if failed:
        raise ValueError(f"l2 = {l2} is too small for this history: the matrix is singular")
    inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
    lower = np.tril(inverse)
    return lower + np.tril(lower, -1).T
