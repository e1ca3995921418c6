# task: hash_features
# outcome: wrong
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    text = [f"{n}={v}".lower().strip().encode() for n, v in fields.items()]
    return np.array([zlib.crc32(t) % 2**n_bits for t in text], dtype=np.int64)
