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
    size = max(1, int(budget // max(1.0, lengths.mean())))
    order = np.argsort(lengths, kind="stable")
    return [order[i : i + size] for i in range(0, len(order), size)]
