# task: token_batches
# outcome: wrong
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    order = np.random.permutation(len(lengths))
    return [b for b in np.array_split(order, max(1, sum(lengths) // budget)) if len(b)]
