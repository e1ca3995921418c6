# task: proxy_strength
# outcome: wrong
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    return 1 - _right(X, attribute, households, rng)
