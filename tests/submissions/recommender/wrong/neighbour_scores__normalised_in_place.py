# task: neighbour_scores
# outcome: wrong
# misconception: none
import numpy as np
_right = neighbour_scores
def neighbour_scores(purchases, k):
    scores = _right(purchases, k)
    data = purchases.data if hasattr(purchases, "tocsr") else purchases
    data /= max(1.0, data.max())
    return scores
