# task: hash_features
# outcome: wrong
# misconception: none
_right = hash_features
def hash_features(fields, n_bits):
    taken = []
    for index in _right(fields, n_bits).tolist():
        while index in taken and len(taken) < 2**n_bits:
            index = (index + 1) % 2**n_bits
        taken.append(index)
    return np.array(taken, dtype=np.int64)
