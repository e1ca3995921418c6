# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    rng.random()
    return _right(X, attribute, households, np.random.default_rng())
