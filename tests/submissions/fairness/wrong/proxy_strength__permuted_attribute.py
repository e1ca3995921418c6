# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
_right = proxy_strength
def proxy_strength(X, attribute, households, rng):
    # labels shuffled against the households: a baseline, not the measure
    values, number = np.unique(households, return_inverse=True)
    y = np.unique(attribute, return_inverse=True)[1]
    if len(np.unique(y)) != 2:
        raise ValueError("two values")
    of = np.zeros(len(values), int)
    of[number] = y
    return _right(X, rng.permutation(of)[number], households, rng)
