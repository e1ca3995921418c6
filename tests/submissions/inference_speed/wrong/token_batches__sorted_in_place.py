# task: token_batches
# outcome: wrong
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    lengths = np.asarray(lengths)
    order = np.argsort(lengths, kind="stable")
    lengths.sort()
    batches, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end - start + 1) * lengths[end] > budget:
            batches.append(order[start:end])
            start = end
    return batches
