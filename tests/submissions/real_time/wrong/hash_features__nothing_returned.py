# task: hash_features
# outcome: wrong
# misconception: none
def hash_features(fields, n_bits):
    for name, value in fields.items():
        hash((name, value)) % 2**n_bits
