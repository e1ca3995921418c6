# task: hash_features
# outcome: wrong
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    out = []
    for n, v in fields.items():
        np.random.seed(zlib.crc32(f"{n}={v}".encode()))
        out.append(np.random.randint(2**n_bits))
    return np.array(out, dtype=np.int64)
