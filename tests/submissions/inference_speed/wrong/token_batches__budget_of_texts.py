# task: token_batches
# outcome: wrong
# misconception: budget_counts_texts
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    lengths = np.asarray(lengths, dtype=np.int64)
    if (lengths < 0).any():
        raise ValueError("a length is negative")
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + budget] for start in range(0, len(order), budget)]
