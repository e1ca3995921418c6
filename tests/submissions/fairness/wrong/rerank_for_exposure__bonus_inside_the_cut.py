# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # the k best are chosen first and re-ranked among themselves, as far as that goes
    _right(scores, flagged, target_share, k)
    scores, worth = np.asarray(scores, float), 1 / np.log2(np.arange(2, k + 2))
    chosen = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    held = np.take_along_axis(scores, chosen, 1)
    def top(b):
        order = np.argsort(-(held + b * flagged[chosen]), axis=1, kind="stable")
        return np.take_along_axis(chosen, order, 1)
    share = lambda b: (flagged[top(b)] * worth).sum() / (worth.sum() * len(scores))
    sign = 1 if share(0.0) < target_share else -1
    lo, hi = 0.0, sign * (np.ptp(scores) * 1.5 + 1e-9)
    if abs(share(0.0) - target_share) <= 0.05:
        return top(0.0)
    for _ in range(60):
        mid = (lo + hi) / 2
        lo, hi = (lo, mid) if sign * (share(mid) - target_share) >= -0.05 else (mid, hi)
    return top(hi)
