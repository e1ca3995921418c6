# task: reweighing
# outcome: wrong
# misconception: none
_right = reweighing
def reweighing(y, group):
    w = _right(y, group)
    y[:] = w.round().astype(y.dtype)
    return w
