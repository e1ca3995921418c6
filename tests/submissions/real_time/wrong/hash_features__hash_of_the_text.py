# task: hash_features
# outcome: wrong
# misconception: salted_hash
import numpy as np
def hash_features(fields, n_bits):
    return np.array([hash(f"{n}:{v}") % (1 << n_bits) for n, v in fields.items()], dtype=np.int64)
