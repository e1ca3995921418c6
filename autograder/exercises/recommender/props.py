"""What the judge makes on the submission's side, because it cannot cross as plain data.

This text runs in the submission's process: data frames and sparse matrices are made of arrays here,
and turned back into arrays. It imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def split_frames(split: Callable, columns: dict[str, Any], cut_week: int, horizon: int) -> Any:
    """What `temporal_split` makes of a frame of these columns, and whether it left that as it was.

    A frame comes back as a list of (name, array), anything else as the name of its type.
    """
    import pandas as pd

    events = pd.DataFrame(columns)
    before = events.copy(deep=True)
    returned = split(events, cut_week, horizon)
    if returned is None:
        return None
    pair = isinstance(returned, (tuple, list))
    frames = [_columns(frame) for frame in returned] if pair else _columns(returned)
    return frames, bool(before.equals(events))


def _columns(frame: Any) -> Any:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        return type(frame).__name__
    return [(str(name), frame.iloc[:, at].to_numpy()) for at, name in enumerate(frame.columns)]


def with_set(ndcg_recall: Callable, ranked: Any, relevant: Any, k: int) -> Any:
    """`ndcg_recall` with the relevant items as a set."""
    return ndcg_recall(ranked, set(relevant), k)


def with_sets(
    recommend: Callable, user_vectors: Any, item_vectors: Any, seen: list[Any], k: int
) -> Any:
    """`recommend` with the seen items of each user as a set."""
    return recommend(user_vectors, item_vectors, [set(items) for items in seen], k)


def dense_scores(neighbour_scores: Callable, purchases: np.ndarray, k: int) -> Any:
    """`neighbour_scores` of a dense matrix, as an array whatever came back."""
    return _dense(neighbour_scores(purchases, k))


def sparse_scores(neighbour_scores: Callable, purchases: np.ndarray, k: int) -> Any:
    """`neighbour_scores` of a sparse matrix, as an array whatever came back."""
    from scipy import sparse

    return _dense(neighbour_scores(sparse.csr_matrix(purchases), k))


def sparse_is_left_alone(neighbour_scores: Callable, purchases: np.ndarray, k: int) -> bool:
    """Whether `neighbour_scores` leaves a sparse matrix as it was."""
    from scipy import sparse

    matrix = sparse.csr_matrix(purchases)
    neighbour_scores(matrix, k)
    return np.array_equal(matrix.toarray(), purchases)


def _dense(matrix: Any) -> Any:
    from scipy import sparse

    if sparse.issparse(matrix):
        return matrix.toarray()
    return np.asarray(matrix) if isinstance(matrix, np.matrix) else matrix


uses: dict[str, Any] = {"calls": 0, "varied": False}


def without_log_q(loss: Callable) -> Callable:
    """`loss` with every log_q replaced by zeros; `uses_of_the_loss` says how it was called."""
    import torch

    def uncorrected(users: Any, items: Any, item_ids: Any, log_q: Any, temperature: float) -> Any:
        uses["calls"] += 1
        uses["varied"] |= bool((log_q.max() - log_q.min()).item() > 1e-6)
        return loss(users, items, item_ids, torch.zeros_like(log_q), temperature)

    return uncorrected


def uses_of_the_loss() -> dict[str, Any]:
    """How often `without_log_q` was called, and whether log_q ever differed between items."""
    return dict(uses)


WIDEST = 512


def vectors_of(model: Any, side: str) -> Any:
    """`user_vectors` or `item_vectors` of a model as a float array; where it is wider than allowed,
    its shape alone."""
    import torch

    vectors = getattr(model, side)
    if isinstance(vectors, torch.Tensor):
        vectors = vectors.detach().cpu().numpy()
    if isinstance(vectors, np.ndarray) and vectors.ndim == 2 and vectors.shape[1] > WIDEST:
        return list(vectors.shape)
    return vectors
