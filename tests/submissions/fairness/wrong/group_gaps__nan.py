# task: group_gaps
# outcome: wrong
# misconception: none
def group_gaps(y_true, y_pred, group):
    nan = float("nan")
    return {"demographic_parity": nan, "equal_opportunity": nan, "equalized_odds": nan, "accuracy": nan}
