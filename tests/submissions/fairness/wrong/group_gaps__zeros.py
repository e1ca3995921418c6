# task: group_gaps
# outcome: wrong
# misconception: none
def group_gaps(y_true, y_pred, group):
    return {"demographic_parity": 0.0, "equal_opportunity": 0.0, "equalized_odds": 0.0, "accuracy": 0.0}
