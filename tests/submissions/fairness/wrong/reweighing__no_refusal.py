# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
def reweighing(y, group):
    y = y.astype(int)
    names, g = np.unique(group, return_inverse=True)
    counts = np.zeros((len(names), 2))
    np.add.at(counts, (g, y), 1)
    with np.errstate(all="ignore"):
        return (counts.sum(1, keepdims=True) * counts.sum(0) / len(y) / counts)[g, y]
