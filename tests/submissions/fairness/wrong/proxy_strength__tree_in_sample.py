# task: proxy_strength
# outcome: wrong
# misconception: scored_on_training_rows
import numpy as np
from sklearn.tree import DecisionTreeClassifier
from sklearn.metrics import roc_auc_score
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    tree = DecisionTreeClassifier(random_state=int(rng.integers(2**31))).fit(X, attribute)
    return roc_auc_score(attribute, tree.predict_proba(X)[:, 1])
