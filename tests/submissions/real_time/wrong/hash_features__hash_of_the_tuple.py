# task: hash_features
# outcome: wrong
# misconception: salted_hash
import numpy as np
def hash_features(fields, n_bits):
    return np.array([hash(field) & (2**n_bits - 1) for field in fields.items()], dtype=np.int64)
