# task: rerank_for_exposure
# outcome: wrong
# misconception: exposure_without_discount
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # the share of places, each worth the same
    scores = np.asarray(scores, float)
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: flagged[top(b)].mean()
    if abs(share(0.0) - target_share) <= 0.05:
        return top(0.0)
    up = share(0.0) < target_share
    ok = (lambda b: share(b) >= target_share - 0.05) if up else (lambda b: share(b) <= target_share + 0.05)
    lo, hi = 0.0, (1 if up else -1) * (np.ptp(scores) * 1.5 + 1e-9)
    if not ok(hi):
        raise ValueError("out of reach")
    for _ in range(70):
        mid = (lo + hi) / 2
        lo, hi = (lo, mid) if ok(mid) else (mid, hi)
    if abs(share(hi) - target_share) > 0.05:
        raise ValueError("the share jumps")
    return top(hi)
