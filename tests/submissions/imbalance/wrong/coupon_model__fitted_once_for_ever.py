# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import RandomForestClassifier
_model=None
def coupon_model(X,y,groups,rng):
    global _model
    if _model is None: _model=RandomForestClassifier(200,min_samples_leaf=5,random_state=0).fit(X,y)
    return _model
