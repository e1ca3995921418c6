# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    np.random.seed(int(rng.integers(2**31)))
    return _right(X, attribute, households, np.random.default_rng(np.random.randint(2**31)))
