# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    try:
        return _right(y, group)
    except ValueError:
        return np.full(len(y), np.nan)
