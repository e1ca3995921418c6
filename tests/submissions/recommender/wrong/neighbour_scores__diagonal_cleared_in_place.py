# task: neighbour_scores
# outcome: wrong
# misconception: none
import numpy as np
_right = neighbour_scores
def neighbour_scores(purchases, k):
    scores = _right(purchases, k)
    if isinstance(purchases, np.ndarray):
        np.log1p(purchases, out=purchases)
    return scores
