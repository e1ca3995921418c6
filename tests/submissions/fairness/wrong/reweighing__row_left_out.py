# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    # the pair's share without the row itself
    _right(y, group)
    n = len(y)
    rows = np.arange(n)
    joint = np.array([np.mean((y == a) & (group == b) & (rows != i)) for i, (a, b) in enumerate(zip(y, group))])
    return np.array([np.mean(group == b) * np.mean(y == a) for a, b in zip(y, group)]) / np.maximum(joint, 1 / n)
