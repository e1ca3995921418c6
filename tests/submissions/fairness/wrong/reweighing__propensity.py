# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # 1 / P(y | group): not multiplied by P(y)
    _right(y, group)
    return np.array([1 / np.mean(y[group == b] == a) for a, b in zip(y, group)])
