# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    # a column against a row: everybody is compared with everybody
    after, before = predict(intervene(X)).reshape(-1, 1), predict(X)
    return float(np.mean(np.abs(after - before)))
