# task: rerank_for_exposure
# outcome: timed_out
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # steps of nothing: the share is a staircase and never meets the target itself
    worth = 1 / np.log2(np.arange(2, k + 2))
    bonus = 0.0
    while True:
        items = np.argsort(-(scores + bonus * flagged), axis=1, kind="stable")[:, :k]
        if (flagged[items] * worth).sum() / (worth.sum() * len(scores)) == target_share:
            return items
