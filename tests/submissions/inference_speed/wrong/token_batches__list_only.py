# task: token_batches
# outcome: error
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if budget < 1:
        raise ValueError("the budget must be at least 1")
    if any(n < 0 for n in lengths):
        raise ValueError("a length is negative")
    batches, current = [], []
    for i in sorted(range(len(lengths)), key=lengths.index):
        current.append(i)
    return [np.array(current)]
