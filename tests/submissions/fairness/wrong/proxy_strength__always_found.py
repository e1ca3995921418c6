# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    return 1.0 - 1e-3 * rng.random()
