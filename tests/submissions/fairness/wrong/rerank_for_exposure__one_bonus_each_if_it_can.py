# task: rerank_for_exposure
# outcome: wrong
# misconception: bonus_per_user
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    _right(scores, flagged, target_share, k)
    lists = []
    for row in scores:
        best = None
        for target in target_share + np.linspace(0, 0.3, 13)[:, None] * [1, -1]:
            for t in np.clip(target, 0, 1):
                if best is None:
                    try:
                        best = _right(row[None], flagged, t, k)[0]
                    except ValueError:
                        pass
        lists.append(np.argsort(-row, kind="stable")[:k] if best is None else best)
    return np.array(lists)
