# task: hash_features
# outcome: wrong
# misconception: none
import zlib
import numpy as np
def hash_features(fields, n_bits):
    state, out = 0, []
    for n, v in fields.items():
        state = zlib.crc32(f"{n}={v}".encode(), state)
        out.append(state % 2**n_bits)
    return np.array(out, dtype=np.int64)
