# task: rerank_for_exposure
# outcome: wrong
# misconception: never_lowered
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # enough is enough: a share above the band is left as it is
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    if share(0.0) >= target_share - 0.05:
        return top(0.0)
    lo, hi = 0.0, np.ptp(scores) * 1.5 + 1e-9
    for _ in range(80):
        mid = (lo + hi) / 2
        lo, hi = (lo, mid) if share(mid) >= target_share - 0.05 else (mid, hi)
    if abs(share(hi) - target_share) > 0.05:
        raise ValueError("out of reach")
    return top(hi)
