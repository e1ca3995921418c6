# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    return np.take_along_axis(np.asarray(scores), _right(scores, flagged, target_share, k), 1)
