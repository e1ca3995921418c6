# task: token_batches
# outcome: error
# misconception: none
import numpy as np
def token_batches(lengths, budget):
    assert budget >= 1
    assert all(n >= 0 for n in lengths)
    batches, current = [], []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if current and (len(current) + 1) * lengths[i] > budget:
            batches.append(np.array(current))
            current = []
        current.append(i)
    if current:
        batches.append(np.array(current))
    return batches
