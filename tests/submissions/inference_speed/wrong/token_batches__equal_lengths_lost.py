# task: token_batches
# outcome: wrong
# misconception: last_batch_dropped
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    place = {n: i for i, n in enumerate(lengths)}
    batches, current = [], []
    for n in sorted(place):
        if current and (len(current) + 1) * n > budget:
            batches.append(np.array(current))
            current = []
        current.append(place[n])
    if current:
        batches.append(np.array(current))
    return batches
