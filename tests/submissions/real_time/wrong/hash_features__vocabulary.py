# task: hash_features
# outcome: wrong
# misconception: none
import numpy as np
_known = {}
def hash_features(fields, n_bits):
    return np.array([_known.setdefault(f, len(_known)) % 2**n_bits for f in fields.items()], dtype=np.int64)
