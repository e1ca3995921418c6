# task: neighbour_scores
# outcome: wrong
# misconception: none
import numpy as np
from scipy import sparse
def neighbour_scores(purchases, k):
    X = purchases.toarray() if sparse.issparse(purchases) else purchases
    return X.sum(0) - X
