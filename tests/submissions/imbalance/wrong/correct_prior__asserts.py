# task: correct_prior
# outcome: error
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    assert 0 < train_rate < 1 and 0 < true_rate < 1
    a, b = true_rate / train_rate, (1 - true_rate) / (1 - train_rate)
    return p * a / (p * a + (1 - p) * b)
