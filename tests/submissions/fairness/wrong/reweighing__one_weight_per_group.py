# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    w = _right(y, group)
    return np.array([w[group == g].mean() for g in np.unique(group)])
