# task: proxy_strength
# outcome: wrong
# misconception: auc_turned_round
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    return 0.5 + abs(_right(X, attribute, households, rng) - 0.5)
