# task: correct_prior
# outcome: wrong
# misconception: omitted
import numpy as np
def correct_prior(p, train_rate, true_rate):
    for rate in (train_rate, true_rate):
        if rate <= 0 or rate >= 1:
            raise ValueError("rate")
    odds = np.divide(p, 1 - p, out=np.full(np.shape(p), np.inf), where=np.asarray(p) < 1)
    odds = odds * (1 - train_rate) / (1 - train_rate)
    return np.where(np.isinf(odds), 1.0, odds / (1 + np.where(np.isinf(odds), 0, odds)))
