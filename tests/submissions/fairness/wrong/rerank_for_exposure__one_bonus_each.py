# task: rerank_for_exposure
# outcome: wrong
# misconception: bonus_per_user
import numpy as np
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    # every user's list is brought into the band by itself
    return np.vstack([_right(row[None], flagged, target_share, k) for row in scores])
