# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # the right items, in the order of the scores without the bonus
    items = _right(scores, flagged, target_share, k)
    order = np.argsort(-np.take_along_axis(np.asarray(scores), items, 1), axis=1, kind="stable")
    return np.take_along_axis(items, order, 1)
