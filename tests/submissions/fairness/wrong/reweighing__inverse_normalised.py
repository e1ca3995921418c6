# task: reweighing
# outcome: wrong
# misconception: none
_right = reweighing
def reweighing(y, group):
    w = 1 / _right(y, group)
    return w * len(w) / w.sum()
