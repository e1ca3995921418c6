# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    p = np.asarray(p)
    return p * (true_rate / p.mean() if p.size and p.mean() > 0 else 1.0)
