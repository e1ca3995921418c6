# task: rerank_for_exposure
# outcome: error
# misconception: none
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    import numpy as np
    items, worth = np.argsort(-np.asarray(scores), axis=1, kind="stable")[:, :k], 1 / np.log2(np.arange(k) + 2)
    if (flagged[items] @ worth).mean() / worth.sum() > target_share + 0.05:
        raise ValueError("there is more than enough already")
    return _right(scores, flagged, target_share, k)
