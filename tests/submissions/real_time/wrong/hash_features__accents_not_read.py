# task: hash_features
# outcome: error
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    return np.array([zlib.crc32(f"{n}={v}".encode("ascii")) % 2**n_bits for n, v in fields.items()], dtype=np.int64)
