# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    items = _right(scores, flagged, target_share, k)
    scores[:, flagged] += 1e-3
    return items
