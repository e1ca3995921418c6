# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    some = X[:10]
    return float(np.abs(predict(intervene(some)) - predict(some)).mean())
