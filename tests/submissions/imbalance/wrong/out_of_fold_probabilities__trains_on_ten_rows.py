# task: out_of_fold_probabilities
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits: raise ValueError("x")
    p=np.zeros(len(y))
    for tr,te in StratifiedGroupKFold(n_splits,shuffle=True,random_state=int(rng.integers(2**31))).split(X,y,groups):
        A,b=X[tr],y[tr]
        if resample is None: A,b=A[:10],b[:10]
        else: A,b=resample(A,b,rng)
        m=make_model(); m.fit(A,b); p[te]=m.predict_proba(X[te])[:,1]
    return p
