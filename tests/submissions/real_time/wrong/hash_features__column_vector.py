# task: hash_features
# outcome: wrong
# misconception: none
_right = hash_features
def hash_features(fields, n_bits):
    return _right(fields, n_bits)[:, None]
