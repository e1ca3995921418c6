# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.abs(predict(intervene(X)).astype(int) - predict(X).astype(int)).mean())
