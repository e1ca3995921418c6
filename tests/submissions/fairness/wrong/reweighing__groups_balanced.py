# task: reweighing
# outcome: wrong
# misconception: weights_of_groups_only
import numpy as np
def reweighing(y, group):
    # every group weighs the same; sums to n
    names, g = np.unique(group, return_inverse=True)
    for name in names:
        if np.unique(y[group == name]).size < 2:
            raise ValueError("a label is missing")
    return len(y) / (len(names) * np.bincount(g))[g]
