# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    before = predict(X)
    return float(np.mean(np.abs(predict(intervene(X)) - before) / np.maximum(np.abs(before), 1e-9)))
