# task: reweighing
# outcome: error
# misconception: none
import numpy as np
def reweighing(y, group):
    # group indexes a table of two rows
    table = np.zeros((2, 2))
    for a, b in zip(group, y):
        table[a, int(b)] += 1
    if (table == 0).any():
        raise ValueError("an empty cell")
    P = table / len(y)
    return (P.sum(1, keepdims=True) * P.sum(0) / P)[group, y.astype(int)]
