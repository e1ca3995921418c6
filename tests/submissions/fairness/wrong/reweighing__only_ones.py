# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    return np.where(y == 1, _right(y, group), 1.0)
