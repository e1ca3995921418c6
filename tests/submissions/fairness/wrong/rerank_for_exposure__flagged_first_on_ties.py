# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    order = np.argsort(~np.asarray(flagged), kind="stable")
    return order[_right(np.asarray(scores)[:, order], np.asarray(flagged)[order], target_share, k)]
