# task: correct_prior
# outcome: wrong
# misconception: none
import numpy as np
def correct_prior(p, train_rate, true_rate):
    train_rate, true_rate = np.clip([train_rate, true_rate], 1e-9, 1 - 1e-9)
    a, b = true_rate / train_rate, (1 - true_rate) / (1 - train_rate)
    return p * a / (p * a + (1 - p) * b)
