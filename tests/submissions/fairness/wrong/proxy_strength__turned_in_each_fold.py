# task: proxy_strength
# outcome: wrong
# misconception: auc_turned_round
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    aucs = []
    for train, test in folds.split(X, y, households):
        scaler = StandardScaler().fit(X[train])
        model = LogisticRegression(max_iter=1000).fit(scaler.transform(X[train]), y[train])
        auc = roc_auc_score(y[test], model.decision_function(scaler.transform(X[test])))
        aucs.append(max(auc, 1 - auc))
    return float(np.mean(aucs))
