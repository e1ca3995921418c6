# task: reweighing
# outcome: wrong
# misconception: weights_of_groups_only
import numpy as np
def reweighing(y, group):
    _, g = np.unique(group, return_inverse=True)
    _check(y, group)
    return 1 / (np.bincount(g) / len(g))[g]
def _check(y, group):
    for name in set(group.tolist()):
        if len(set(y[group == name].tolist())) < 2:
            raise ValueError("a label is missing")
