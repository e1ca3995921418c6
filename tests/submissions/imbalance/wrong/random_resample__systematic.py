# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

def random_resample(X,y,strategy,rng):
    L,c=np.unique(y,return_counts=True)
    if len(L)<2 or strategy not in("over","under"): raise ValueError("x")
    def sy(r,m): return r[(rng.integers(len(r))+np.arange(m)*len(r)//max(m,1))%len(r)]
    R=[np.flatnonzero(y==l) for l in L]
    if strategy=="over": i=np.concatenate([np.arange(len(y))]+[sy(r,c.max()-len(r)) for r in R])
    else: i=np.concatenate([sy(r,c.min()) for r in R])
    return X[i],y[i]
