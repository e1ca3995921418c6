# task: counterfactual_gap
# outcome: wrong
# misconception: squared_changes
import numpy as np
def counterfactual_gap(predict, X, intervene):
    change = np.asarray(predict(X)) - np.asarray(predict(intervene(X)))
    return float(change @ change / len(change))
