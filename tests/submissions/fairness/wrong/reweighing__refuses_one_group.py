# task: reweighing
# outcome: error
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    if len(np.unique(group)) < 2:
        raise ValueError("nothing to compare")
    return _right(y, group)
