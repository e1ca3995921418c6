# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # bisects until the target itself is passed, though the band would do
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    if abs(share(0.0) - target_share) <= 0.05:
        return top(0.0)
    d = np.ptp(scores) * 1.5 + 1e-9
    lo, hi = -d, d
    for _ in range(80):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if share(mid) < target_share else (lo, mid)
    for b in sorted((lo, hi), key=lambda b: abs(share(b) - target_share)):
        if abs(share(b) - target_share) <= 0.05:
            return top(b)
    raise ValueError("out of reach")
