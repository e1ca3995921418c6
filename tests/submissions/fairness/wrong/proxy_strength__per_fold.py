# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    return np.array([_right(X, attribute, households, rng) for _ in range(2)])
