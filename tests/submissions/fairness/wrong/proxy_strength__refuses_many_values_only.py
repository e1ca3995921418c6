# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    values = np.unique(attribute)
    if len(values) > 2:
        raise ValueError("more than two values")
    return float("nan") if len(values) < 2 else _right(X, attribute, households, rng)
