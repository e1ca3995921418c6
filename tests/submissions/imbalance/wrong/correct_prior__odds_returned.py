# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    odds = lambda r: r / (1 - r)
    return odds(p) * odds(true_rate) / odds(train_rate)
