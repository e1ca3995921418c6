# task: hash_features
# outcome: wrong
# misconception: without_the_name
import zlib
import numpy as np
def hash_features(fields, n_bits):
    return np.array([zlib.crc32(str(v).encode()) % 2**n_bits for v in fields.values()], dtype=np.int64)
