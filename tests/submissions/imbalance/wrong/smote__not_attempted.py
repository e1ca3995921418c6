# task: smote
# outcome: not_attempted
# misconception: none
import numpy as np
def smote(X, y, k_neighbors, rng):
    """Rows of X, then synthetic rows that fill every class up to the largest."""
    raise NotImplementedError
