# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    try:
        return _right(scores, flagged, target_share, k)
    except ValueError:
        top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
        return top(2 * np.ptp(scores) * (1 if target_share > 0.5 else -1))
