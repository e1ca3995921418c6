# task: reweighing
# outcome: wrong
# misconception: none
_right = reweighing
def reweighing(y, group):
    _right(y, group)
    return y
