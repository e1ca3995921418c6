# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    for size in np.linspace(0, 1.2, 61) * np.ptp(scores):
        for b in (size, -size):
            if abs(share(b) - target_share) <= 0.05:
                return top(b)
    raise ValueError("out of reach")
