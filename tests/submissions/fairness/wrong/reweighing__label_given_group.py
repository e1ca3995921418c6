# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # P(y | group) instead of its inverse times P(y)
    _right(y, group)
    return np.array([np.mean(y[group == b] == a) for a, b in zip(y, group)])
