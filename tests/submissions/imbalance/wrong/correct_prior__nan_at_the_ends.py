# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    with np.errstate(all="ignore"):
        odds = p / (1 - p) * true_rate / (1 - true_rate) * (1 - train_rate) / train_rate
        return odds / (1 + odds)
