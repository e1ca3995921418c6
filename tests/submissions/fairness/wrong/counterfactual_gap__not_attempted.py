# task: counterfactual_gap
# outcome: not_attempted
# misconception: none
def counterfactual_gap(predict, X, intervene):
    raise NotImplementedError
