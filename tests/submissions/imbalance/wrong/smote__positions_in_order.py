# task: smote
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

def smote(X, y, k, rng):
    labels,counts=np.unique(y,return_counts=True)
    if len(labels)<2 or not np.isfinite(X).all(): raise ValueError("x")
    xs,ys=[X.astype(float)],[y]
    for l,c in zip(labels,counts):
        n=counts.max()-c
        if n==0: continue
        if c<k+1: raise ValueError("few")
        R=X[y==l].astype(float)
        nb=NearestNeighbors(n_neighbors=k).fit(R).kneighbors(return_distance=False)
        i=rng.integers(len(R),size=n); j=nb[i,rng.integers(k,size=n)]; lam=np.linspace(0,1,n,endpoint=False)[:,None]
        xs.append(R[i]+lam*(R[j]-R[i])); ys.append(np.repeat(l,n))
    return np.concatenate(xs),np.concatenate(ys)
