# task: counterfactual_gap
# outcome: wrong
# misconception: squared_changes
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.sqrt(np.mean((predict(intervene(X)) - predict(X)) ** 2)))
