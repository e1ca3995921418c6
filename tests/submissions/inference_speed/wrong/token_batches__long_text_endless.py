# task: token_batches
# outcome: timed_out
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    lengths = np.asarray(lengths, dtype=int)
    order = np.argsort(-lengths, kind="stable")
    batches = []
    while len(order):
        size = budget // max(1, lengths[order[0]])
        if size:
            batches.append(order[:size])
        order = order[size:]
    return batches
