# task: reweighing
# outcome: wrong
# misconception: inverted
_right = reweighing
def reweighing(y, group):
    return 1 / _right(y, group)
