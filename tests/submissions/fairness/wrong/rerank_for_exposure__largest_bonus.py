# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # the far edge of the band
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    d = np.ptp(scores) * 1.5 + 1e-9
    up = share(0.0) <= target_share + 0.05
    lo, hi = -d, d
    for _ in range(70):
        mid = (lo + hi) / 2
        below = share(mid) <= target_share + 0.05 if up else share(mid) < target_share - 0.05
        lo, hi = (mid, hi) if below else (lo, mid)
    b = lo if up else hi
    if abs(share(b) - target_share) > 0.05:
        raise ValueError("out of reach")
    return top(b)
