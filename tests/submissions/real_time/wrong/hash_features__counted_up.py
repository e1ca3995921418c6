# task: hash_features
# outcome: wrong
# misconception: none
import numpy as np
def hash_features(fields, n_bits):
    return np.arange(len(fields), dtype=np.int64) % 2**n_bits
