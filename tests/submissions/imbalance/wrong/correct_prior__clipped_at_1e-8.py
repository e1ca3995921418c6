# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

def correct_prior(p,a,b):
    if not(0<a<1 and 0<b<1): raise ValueError("x")
    p=np.clip(p,1e-8,1-1e-8); q=p*b/a; return q/(q+(1-p)*(1-b)/(1-a))
