# task: proxy_strength
# outcome: wrong
# misconception: auc_turned_round
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    auc = _right(X, attribute, households, rng)
    return max(auc, 1 - auc)
