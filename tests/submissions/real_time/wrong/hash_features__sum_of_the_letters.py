# task: hash_features
# outcome: wrong
# misconception: joined_without_a_sign
import numpy as np
def hash_features(fields, n_bits):
    return np.array([sum(f"{n}={v}".encode()) % 2**n_bits for n, v in fields.items()], dtype=np.int64)
