# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # flagged items take the last places until the share is there: no bonus at all
    _right(scores, flagged, target_share, k)
    items = np.argsort(-np.asarray(scores), axis=1, kind="stable")
    worth = 1 / np.log2(np.arange(2, k + 2))
    top = items[:, :k].copy()
    for place in range(k - 1, -1, -1):
        for u in range(len(top)):
            if (flagged[top] * worth).sum() / (worth.sum() * len(top)) >= target_share - 0.05:
                return top
            left = [i for i in items[u] if flagged[i] and i not in top[u]]
            if left and not flagged[top[u, place]]:
                top[u, place] = left[0]
    return top
