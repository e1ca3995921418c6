# task: token_batches
# outcome: wrong
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    if any(n < 0 for n in lengths):
        raise ValueError("negative")
    batches, current = [], []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if current and (len(current) + 1) * lengths[i] > budget:
            batches.append(np.array(current))
            current = []
        current.append(i)
    if current:
        batches.append(np.array(current))
    return batches
