# task: token_batches
# outcome: error
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    lengths = np.asarray(lengths, dtype=int)
    order = np.argsort(-lengths, kind="stable").tolist()
    batches = []
    while order:
        size = max(1, budget // int(lengths[order[0]]))
        batches.append(np.array(order[:size]))
        order = order[size:]
    return batches
