# task: token_batches
# outcome: wrong
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    lengths = np.asarray(lengths, dtype=int)
    batches = []
    for n in np.unique(lengths):
        same = np.flatnonzero(lengths == n)
        size = max(1, budget // max(n, 1))
        batches += [same[i : i + size] for i in range(0, len(same), size)]
    return batches
