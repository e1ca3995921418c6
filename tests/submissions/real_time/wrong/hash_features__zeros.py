# task: hash_features
# outcome: wrong
# misconception: none
import numpy as np
def hash_features(fields, n_bits):
    return np.zeros(len(fields), dtype=np.int64)
