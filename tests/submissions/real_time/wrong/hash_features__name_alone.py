# task: hash_features
# outcome: wrong
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    return np.array([zlib.crc32(name.encode()) % 2**n_bits for name in fields], dtype=np.int64)
