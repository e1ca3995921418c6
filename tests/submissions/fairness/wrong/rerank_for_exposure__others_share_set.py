# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # the target is reached by the wrong side
    return _right(scores, ~np.asarray(flagged), target_share, k)
