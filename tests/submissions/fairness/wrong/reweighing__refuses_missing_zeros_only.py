# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
def reweighing(y, group):
    y = y.astype(int)
    names, g = np.unique(group, return_inverse=True)
    counts = np.zeros((len(names), 2))
    np.add.at(counts, (g, y), 1)
    if (counts[:, 0] == 0).any():
        raise ValueError("a group without zeros")
    return (counts.sum(1, keepdims=True) * counts.sum(0) / len(y) / np.maximum(counts, 1))[g, y]
