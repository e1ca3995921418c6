# task: correct_prior
# outcome: wrong
# misconception: scaled_like_odds
import numpy as np
def correct_prior(p, train_rate, true_rate):
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    return np.minimum(1.0, true_rate / train_rate * p)
