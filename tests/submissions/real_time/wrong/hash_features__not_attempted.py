# task: hash_features
# outcome: not_attempted
# misconception: none
def hash_features(fields, n_bits):
    raise NotImplementedError
