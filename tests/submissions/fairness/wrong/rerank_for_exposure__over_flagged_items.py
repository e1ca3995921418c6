# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    # the share of flagged items that are shown at all, instead of the share of exposure
    scores = np.asarray(scores, float)
    n_flagged = max(int(np.sum(flagged)), 1)
    top = lambda b: np.argsort(-(scores + b * flagged), axis=1, kind="stable")[:, :k]
    share = lambda b: len(set(top(b)[flagged[top(b)]].tolist())) / n_flagged
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
    return top(hi)
