# task: proxy_strength
# outcome: wrong
# misconception: scored_on_training_rows
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    y = attribute == np.unique(attribute)[1]
    rows = rng.permutation(len(X))[: len(X) * 9 // 10]
    Z = StandardScaler().fit_transform(X[rows])
    return roc_auc_score(y[rows], LogisticRegression(max_iter=1000).fit(Z, y[rows]).decision_function(Z))
