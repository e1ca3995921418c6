# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    # the odds are scaled, but by the ratio of the rates instead of that of their odds
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    a = p * true_rate / train_rate
    return a / (a + 1 - p)
