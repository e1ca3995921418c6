# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    values = np.unique(attribute)
    if len(values) < 2:
        raise ValueError("one value only")
    return _right(X, attribute == values[-1], households, rng)
