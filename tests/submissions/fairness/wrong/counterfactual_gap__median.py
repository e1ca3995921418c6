# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.median(np.abs(predict(intervene(X)) - predict(X))))
