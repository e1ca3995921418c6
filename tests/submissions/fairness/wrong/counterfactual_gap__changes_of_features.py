# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    predict(X)
    return float(np.abs(intervene(X) - X).mean())
