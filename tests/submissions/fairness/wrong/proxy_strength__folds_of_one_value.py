# task: proxy_strength
# outcome: error
# misconception: none
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
def proxy_strength(X, attribute, households, rng):
    # the attribute as groups: no training fold knows both values
    if len(set(attribute.tolist())) != 2:
        raise ValueError("two values")
    rng.random()
    return cross_val_score(LogisticRegression(), X, attribute, groups=attribute, cv=GroupKFold(2), scoring="roc_auc", error_score="raise").mean()
