# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    p = predict(np.vstack([X, intervene(X)]))
    return float(np.abs(p[len(X) :] - p[: len(X)]).mean())
