# task: proxy_strength
# outcome: wrong
# misconception: households_split
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    y = (attribute == attribute[0]).astype(int)
    seed = int(rng.integers(2**31))
    aucs = []
    for _ in range(2):
        A, B, a, b = train_test_split(X, y, test_size=0.4, stratify=y, random_state=int(rng.integers(2**31)))
        forest = RandomForestClassifier(30, max_depth=12, random_state=seed).fit(A, a)
        aucs.append(roc_auc_score(b, forest.predict_proba(B)[:, 1]))
    return float(np.mean(aucs))
