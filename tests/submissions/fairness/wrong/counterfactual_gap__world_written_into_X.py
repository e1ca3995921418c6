# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    before = predict(X)
    X[:] = intervene(X)
    return float(np.abs(predict(X) - before).mean())
