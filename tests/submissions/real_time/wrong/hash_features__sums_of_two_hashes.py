# task: hash_features
# outcome: wrong
# misconception: none
import hashlib
import numpy as np
def hash_features(fields, n_bits):
    def h(text):
        return int.from_bytes(hashlib.md5(str(text).encode()).digest()[:8], "big")
    return np.array([(h(n) + h(v)) % 2**n_bits for n, v in fields.items()], dtype=np.int64)
