# task: proxy_strength
# outcome: wrong
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    X -= X.mean(0)
    X /= X.std(0) + 1e-12
    return _right(X, attribute, households, rng)
