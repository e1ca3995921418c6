# task: proxy_strength
# outcome: wrong
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    order = rng.permutation(len(X))
    X[:], attribute[:], households[:] = X[order], attribute[order], households[order]
    return _right(X, attribute, households, rng)
