# task: hash_features
# outcome: wrong
# misconception: joined_without_a_sign
import hashlib
import numpy as np
def hash_features(fields, n_bits):
    def h(name, value):
        return int(hashlib.sha1((name + str(value)).encode()).hexdigest(), 16) % 2**n_bits
    return np.array([h(*field) for field in fields.items()], dtype=np.int64)
