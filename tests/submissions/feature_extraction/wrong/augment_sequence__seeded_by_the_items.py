# task: augment_sequence
# outcome: wrong
# misconception: none
_random_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    return _random_augment(items, kind, rate, mask_id, np.random.default_rng(int(np.sum(items)) % 1000))
