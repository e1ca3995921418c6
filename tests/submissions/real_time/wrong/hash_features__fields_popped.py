# task: hash_features
# outcome: wrong
# misconception: none
_right = hash_features
def hash_features(fields, n_bits):
    out = _right(fields, n_bits)
    fields.clear()
    return out
