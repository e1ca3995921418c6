# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # flagged scores are multiplied
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda f: np.argsort(-np.where(flagged, scores * f, scores), axis=1, kind="stable")[:, :k]
    share = lambda f: (flagged[top(f)] * worth).sum() / (worth.sum() * len(scores))
    for f in 1 + np.sort(np.abs(np.linspace(0, 5, 200))):
        for g in (f, 1 / f):
            if abs(share(g) - target_share) <= 0.05:
                return top(g)
    raise ValueError("out of reach")
