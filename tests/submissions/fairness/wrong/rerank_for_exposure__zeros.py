# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    return np.zeros((len(scores), k), dtype=int)
