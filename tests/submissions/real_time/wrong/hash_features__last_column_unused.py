# task: hash_features
# outcome: wrong
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    size = max(2**n_bits - 1, 1)
    return np.array([zlib.crc32(f"{n}={v}".encode()) % size for n, v in fields.items()], dtype=np.int64)
