# task: reweighing
# outcome: wrong
# misconception: none
_right = reweighing
def reweighing(y, group):
    return _right(y, group)[:, None]
