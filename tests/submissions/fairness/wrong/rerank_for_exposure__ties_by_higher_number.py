# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    n = scores.shape[1]
    return n - 1 - _right(scores[:, ::-1], np.asarray(flagged)[::-1], target_share, k)
