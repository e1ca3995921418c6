# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # more than two groups are made two
    _right(y, group)
    return _right(y, (group == np.unique(group)[0]).astype(int))
