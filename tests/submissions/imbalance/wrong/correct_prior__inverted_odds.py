# task: correct_prior
# outcome: wrong
# misconception: inverted
import numpy as np
def correct_prior(p, train_rate, true_rate):
    if not 0 < train_rate < 1 or not 0 < true_rate < 1:
        raise ValueError("rate")
    a = p * train_rate / true_rate
    b = (1 - p) * (1 - train_rate) / (1 - true_rate)
    return a / (a + b)
