# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    change = np.abs(predict(intervene(X)) - predict(X))
    return float(change[change > 0].mean()) if (change > 0).any() else 0.0
