# task: rerank_for_exposure
# outcome: wrong
# misconception: none
_right = rerank_for_exposure
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # no look at the bonus 0: the share is always driven to the band's far edge
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    s = share(0.0)
    if s < target_share - 0.05 or s > target_share + 0.05:
        return _right(scores, flagged, target_share, k)
    lo, hi = 0.0, np.ptp(scores) * 1.5 + 1e-9
    for _ in range(60):
        mid = (lo + hi) / 2
        lo, hi = (lo, mid) if share(mid) >= target_share + 0.05 else (mid, hi)
    return top(lo)
