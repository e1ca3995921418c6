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
    if not len(lengths):
        return []
    order = np.argsort(lengths, kind="stable")
    number = (np.cumsum(lengths[order]) - 1).clip(0) // budget
    return [order[number == k] for k in np.unique(number)]
