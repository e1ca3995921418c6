# task: rerank_for_exposure
# outcome: wrong
# misconception: none
import numpy as np
def rerank_for_exposure(scores, flagged, target_share, k):
    rng = np.random.default_rng(1)
    return np.array([rng.permutation(scores.shape[1])[:k] for _ in scores])
