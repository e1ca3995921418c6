# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # 1 / log2(rank + 2) with ranks from 1
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(3, k + 3))
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    s = share(0.0)
    if abs(s - target_share) <= 0.05:
        return top(0.0)
    sign = 1 if s < target_share else -1
    ok = lambda b: sign * (share(b) - target_share) >= -0.05
    lo, hi = 0.0, sign * (np.ptp(scores) * 1.5 + 1e-9)
    if not ok(hi):
        raise ValueError("out of reach")
    for _ in range(70):
        mid = (lo + hi) / 2
        lo, hi = (lo, mid) if ok(mid) else (mid, hi)
    if abs(share(hi) - target_share) > 0.05:
        raise ValueError("the share jumps")
    return top(hi)
