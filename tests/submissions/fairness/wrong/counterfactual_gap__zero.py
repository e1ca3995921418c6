# task: counterfactual_gap
# outcome: wrong
# misconception: none
def counterfactual_gap(predict, X, intervene):
    predict(intervene(X))
    return 0.0
