# task: recommend
# outcome: wrong
# misconception: none
import numpy as np
def recommend(user_vectors, item_vectors, seen, k):
    n = len(user_vectors)
    lists = np.empty((n, k), dtype=np.int64)
    for start in range(0, n, 128):
        stop = min(start + 128, n)
        scores = np.array(user_vectors[start:stop] @ item_vectors.T, dtype=np.float64)
        for row, one in enumerate(seen[start:stop]):
            known = np.fromiter(one, np.int64)
            if k > len(item_vectors):
                raise ValueError("a user has fewer than k unseen items")
            scores[row, known] = -np.inf
        lists[start:stop] = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return lists
