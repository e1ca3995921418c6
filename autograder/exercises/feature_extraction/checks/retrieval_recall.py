"""Checks of Recall@k with ties counted against the model, against the reference's."""

from __future__ import annotations

import numpy as np

from autograder.checking import Case, check, close
from autograder.exercises.feature_extraction.checks.rows import normal_rows


def _matches(
    case: Case, queries: np.ndarray, gallery: np.ndarray, truth: np.ndarray, k: int, what: str
) -> None:
    case.matches_reference(
        queries,
        gallery,
        truth,
        k,
        read=lambda value: case.number(value, "The recall"),
        close=close(rtol=1e-6, atol=1e-8),
        what=what,
    )


def _retrieval(
    case: Case, q: int, n: int, dtype: str = "float64", twins: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries that resemble their true gallery rows, whose lengths differ widely.

    The last `twins` gallery rows are the first ones, twice as long: they tie with those exactly.
    """
    d = 4
    gallery = normal_rows(case, n, d, dtype)
    gallery[n - twins :] = 2 * gallery[:twins]
    truth = case.rng.integers(n, size=q)
    unit = gallery[truth] / np.linalg.norm(gallery[truth], axis=1, keepdims=True)
    queries = np.round(unit + 0.35 * case.rng.normal(size=(q, d)), 4).astype(dtype)
    return queries, gallery, truth


@check(
    "retrieval_recall",
    "the share of queries whose own row is among the k most cosine-similar",
    advice="Normalise queries and gallery, multiply, and count for each query the rows that are at "
    "least as similar as the true one.",
    core=True,
    seeds=(3, 1),
)
def recall_value(case: Case) -> None:
    queries, gallery, truth = _retrieval(case, 80, 30)
    for k in (5, 2, 1):
        _matches(case, queries, gallery, truth, k, f"Recall@{k} is wrong.")


@check(
    "retrieval_recall",
    "ties count against the model",
    advice="A hit has at most k rows with a cosine of at least the true one's minus 1e-9; "
    "`argsort` would break ties by position.",
    core=True,
    seeds=(2, 1),
)
def recall_with_ties(case: Case) -> None:
    _require_no_order(case)
    queries, gallery, truth = _retrieval(case, 40, 16, twins=8)
    for k in (1, 2, 3):
        _matches(case, queries, gallery, truth, k, f"Recall@{k} with equal directions is wrong.")
    constant = np.repeat(normal_rows(case, 1, 4), 12, axis=0)
    everyone = np.arange(12)
    for k in (1, 11, 12):
        what = f"Recall@{k} of a constant embedding of 12 rows is wrong."
        _matches(case, constant, constant, everyone, k, what)


def _require_no_order(case: Case) -> None:
    """Of a constant embedding nothing is recognised, and no row of it by its position."""
    n, k = 12, 6
    constant = np.repeat(normal_rows(case, 1, 4), n, axis=0)
    every, first = (
        case.number(case.call(constant, constant, truth, k), "The recall")
        for truth in (np.arange(n), np.zeros(n, np.int64))
    )
    if every > 0 or first > 0:
        sorts = abs(every - k / n) < 1e-9 and first in (0.0, 1.0)
        case.fail(
            f"All {n} rows of an embedding are the same, so that no query can be a hit at k = {k}.",
            expected="0",
            got=every if every > 0 else first,
            misconception="ties_in_row_order" if sorts else None,
        )


@check(
    "retrieval_recall",
    "rows of zeros have a cosine of 0, and k may exceed the gallery",
    advice="Divide by the norm where it is above 0, by 1 elsewhere.",
    weight=0.5,
)
def recall_edges(case: Case) -> None:
    queries, gallery, truth = _retrieval(case, 24, 10)
    queries[:4] = 0.0
    queries[4:14] *= -1.0  # worse than a right angle: rows of zeros are nearer than the true one
    gallery[2:4] = 0.0
    for k in (1, 3, 9):
        _matches(case, queries, gallery, truth, k, f"Recall@{k} with rows of zeros is wrong.")
    _matches(case, queries, gallery, truth, 11, "With k above the gallery's size all are hits.")
    queries, gallery, truth = _retrieval(case, 24, 10, twins=5)
    gallery *= np.exp(case.rng.uniform(-1, 1, (10, 1)))
    what = "Directions that are equal but for rounding must count as ties."
    _matches(case, queries, gallery, truth, 1, what)


@check(
    "retrieval_recall",
    "cosines are computed in double precision",
    advice="`astype(np.float64)` before you normalise: in float32, different rows become ties.",
    weight=0.5,
)
def recall_is_precise(case: Case) -> None:
    # the true row and a rival differ by some 1e-8 in cosine
    angles = case.rng.uniform(0.3, 0.6, 20)
    nearer = case.rng.random(20) < 0.6
    gallery = np.stack([np.cos(angles), np.sin(angles)], axis=1).round(6)
    rivals = gallery + np.where(nearer, 3e-8, -3e-8)[:, None] * np.array([0.0, 1.0])
    both = np.concatenate([gallery, rivals])
    for row in range(0, 20, 4):
        pair = both[[row, row + 20]]
        what = "Two cosines that differ by about 1e-8 are taken for a tie, or turned round."
        _matches(case, np.array([[1.0, 0.0]]), pair, np.array([0]), 1, what)
    queries, wide, truth = _retrieval(case, 30, 20, dtype="float32")
    _matches(case, queries, wide, truth, 2, "With float32 embeddings the recall is wrong.")


@check(
    "retrieval_recall",
    "k below 1 and indices outside the gallery are refused",
    advice="NumPy takes -1 for the last row in silence; check both ends.",
    weight=0.5,
    seeds=(1, 0),
)
def recall_refuses(case: Case) -> None:
    queries, gallery, truth = _retrieval(case, 6, 5)
    case.refuses(queries, gallery, truth, 0, why="k = 0")
    for bad in (-1, 5):
        outside = truth.copy()
        outside[3] = bad
        case.refuses(queries, gallery, outside, 2, why=f"index {bad} into a gallery of 5 rows")


@check(
    "retrieval_recall",
    "its arrays are left alone",
    advice="Normalise a copy: `queries /= ...` changes the caller's array.",
    weight=0.5,
    seeds=(1, 0),
)
def recall_leaves_alone(case: Case) -> None:
    case.leaves_alone(*_retrieval(case, 6, 5), 2)
