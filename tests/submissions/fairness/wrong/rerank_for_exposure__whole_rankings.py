# task: rerank_for_exposure
# outcome: wrong
# misconception: none
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    import numpy as np
    head = _right(scores, flagged, target_share, k)
    rest = [[i for i in np.argsort(-row) if i not in items] for row, items in zip(scores, head)]
    return np.array([[*items, *more] for items, more in zip(head.tolist(), rest)])
