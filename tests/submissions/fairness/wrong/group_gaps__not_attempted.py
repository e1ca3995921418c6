# task: group_gaps
# outcome: not_attempted
# misconception: none
def group_gaps(y_true, y_pred, group):
    raise NotImplementedError
