# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.metrics import roc_auc_score
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    rows = rng.permutation(len(X))[: len(X) // 2]
    return roc_auc_score(attribute[rows], X[rows, 0])
