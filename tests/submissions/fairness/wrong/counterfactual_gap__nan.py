# task: counterfactual_gap
# outcome: wrong
# misconception: none
def counterfactual_gap(predict, X, intervene):
    return float("nan")
