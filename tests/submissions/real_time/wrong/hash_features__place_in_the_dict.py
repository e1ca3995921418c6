# task: hash_features
# outcome: wrong
# misconception: none
import hashlib
import numpy as np
def hash_features(fields, n_bits):
    out = []
    for place, (n, v) in enumerate(fields.items()):
        out.append(int(hashlib.md5(f"{place}|{n}|{v}".encode()).hexdigest(), 16) % 2**n_bits)
    return np.array(out, dtype=np.int64)
