# task: proxy_strength
# outcome: wrong
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    return _right(X, attribute, households, rng), 0.01
