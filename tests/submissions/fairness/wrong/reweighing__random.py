# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    _right(y, group)
    w = np.random.default_rng(0).random(len(y))
    return w * len(y) / w.sum()
