# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    _right(y, group)
    return np.array([1 / np.mean((y == a) & (group == b)) for a, b in zip(y, group)])
