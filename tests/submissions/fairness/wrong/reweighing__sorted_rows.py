# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # in the order of the groups, not of the rows
    return _right(y, group)[np.argsort(group, kind="stable")]
