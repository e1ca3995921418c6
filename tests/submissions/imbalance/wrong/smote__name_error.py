# task: smote
# outcome: error
# misconception: none
import numpy as np
def smote(X, y, k_neighbors, rng):
    neighbours = NearestNeighbours(k_neighbors).fit(X)
    return X, y
