# task: proxy_strength
# outcome: error
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    return _right(X, attribute.astype(float).round().astype(int), households, rng)
