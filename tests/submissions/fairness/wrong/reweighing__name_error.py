# task: reweighing
# outcome: error
# misconception: none
def reweighing(y, group):
    return shares(group) * shares(y) / shares(group, y)
