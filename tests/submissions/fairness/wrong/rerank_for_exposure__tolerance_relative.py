# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # 0.05 relative to the target
    for slack in np.linspace(0, 0.05, 6):
        try:
            return _right(scores, flagged, target_share * (1 - slack), k)
        except ValueError:
            continue
    raise ValueError("out of reach")
