"""Checks of the social scores, against the reference's; results may be dense or sparse."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.recommender.checks.through import go_through
from autograder.sandbox.wire import Own


def _purchases(case: Case, n: int = 10, n_items: int = 6) -> np.ndarray:
    """Counts, mostly zero, in which no two pairs of households are equally similar."""
    counts = case.rng.poisson(0.9, (n, n_items)) * np.round(case.rng.uniform(0.5, 3, n_items), 3)
    counts[np.arange(n), case.rng.integers(n_items, size=n)] += np.round(case.rng.random(n) + 1, 3)
    return counts


def _require(case: Case, purchases: np.ndarray, k: int, through: str, what: str) -> None:
    calls = case.calls
    go_through(case, through)
    case.matches_reference(
        purchases,
        k,
        read=lambda value: _matrix(case, value, purchases.shape),
        close=close(rtol=1e-5, atol=1e-7),
        what=what,
    )
    case.calls = calls


def _matrix(case: Case, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    return case.array(value, "The scores", shape=shape, kinds="f")


@check(
    "neighbour_scores",
    "the k most similar others' rows, weighted by the cosine and summed",
    advice="Cosines of all pairs, minus infinity on the diagonal; the k largest of each row are "
    "the weights, times the purchases as given.",
    core=True,
    seeds=(3, 1),
)
def scores_of_neighbours(case: Case) -> None:
    k = int(case.rng.integers(2, 5))
    _require(case, _purchases(case), k, "dense_scores", "The scores are wrong.")


@check(
    "neighbour_scores",
    "a sparse matrix serves as well as a dense one",
    advice="`scipy.sparse.csr_matrix(purchases)` takes both; `np.asarray` of a sparse matrix does "
    "not hold its numbers.",
    seeds=(1, 1),
)
def scores_of_sparse(case: Case) -> None:
    what = "The scores of a sparse matrix are wrong."
    _require(case, _purchases(case), 3, "sparse_scores", what)


@check(
    "neighbour_scores",
    "an empty household gets zeros, and everybody may be a neighbour",
    advice="Divide by 1 where a norm is 0; cap k at n - 1. A duplicate of a row is another one.",
    seeds=(2, 1),
)
def scores_at_the_edges(case: Case) -> None:
    purchases = _purchases(case)
    purchases[4] = 0.0
    calls = case.calls
    go_through(case, "dense_scores")
    value = case.call(purchases, 3)
    case.calls = calls
    shaped = isinstance(value, np.ndarray) and value.shape == purchases.shape
    if shaped and value.dtype.kind == "f" and np.isnan(value).any():
        case.fail(
            "With an empty household in the matrix, scores are NaN.",
            category="not finite",
            misconception="empty_household_as_nan",
        )
    what = "With an empty household the scores are wrong."
    _require(case, purchases, 3, "dense_scores", what)
    _require(case, purchases, 50, "dense_scores", "A k above n - 1 means all other households.")
    twins = _purchases(case)
    twins[:, 0] = 0.0
    twins[2] = 1.5 * np.eye(twins.shape[1])[0]  # a taste that only these two share
    twins[7] = 2 * twins[2]
    what = "A household with the same purchases, twice as many, is the nearest neighbour."
    _require(case, twins, 1, "dense_scores", what)


@check(
    "neighbour_scores",
    "purchases and global random state are left alone",
    advice="Normalise a copy: `purchases /= norms` changes the caller's matrix.",
    weight=0.5,
    seeds=(1, 0),
)
def neighbours_leave_alone(case: Case) -> None:
    calls = case.calls
    go_through(case, "dense_scores")
    case.leaves_alone(_purchases(case), 3)
    case.leaves_alone(_purchases(case).astype(np.float32), 3)
    case.calls = calls
    if not case.read(case.prop("sparse_is_left_alone"), Own(case.check.task), _purchases(case), 3):
        case.fail("Your function changed the sparse matrix that it was handed. Work on a copy.")
