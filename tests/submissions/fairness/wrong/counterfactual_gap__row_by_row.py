# task: counterfactual_gap
# outcome: wrong
# misconception: rows_one_by_one
import numpy as np
def counterfactual_gap(predict, X, intervene):
    total = 0.0
    for row in X:
        other = intervene(row[None].copy())
        total += abs(float(predict(other)[0]) - float(predict(row[None].copy())[0]))
    return total / len(X)
