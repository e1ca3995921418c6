# task: proxy_strength
# outcome: error
# misconception: none
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    if set(attribute.tolist()) != {0, 1}:
        raise ValueError("0 and 1, please")
    return _right(X, attribute, households, rng)
