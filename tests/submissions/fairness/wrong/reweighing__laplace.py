# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # one row more in every cell
    _right(y, group)
    names, g = np.unique(group, return_inverse=True)
    counts = np.ones((len(names), 2))
    np.add.at(counts, (g, y.astype(int)), 1)
    return (counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum() / counts)[g, y.astype(int)]
