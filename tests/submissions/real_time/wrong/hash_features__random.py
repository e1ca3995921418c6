# task: hash_features
# outcome: wrong
# misconception: salted_hash
import numpy as np
def hash_features(fields, n_bits):
    return np.random.default_rng().integers(0, 2**n_bits, len(fields))
