# task: reweighing
# outcome: wrong
# misconception: none
import numpy as np
_right = reweighing
def reweighing(y, group):
    w = _right(y, group)
    return {(g, a): float(w[(group == g) & (y == a)][0]) for g in set(group.tolist()) for a in (0, 1)}
