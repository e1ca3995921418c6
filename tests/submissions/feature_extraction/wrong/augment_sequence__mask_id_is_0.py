# task: augment_sequence
# outcome: wrong
# misconception: none
_given_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    return _given_augment(items, kind, rate, 0, rng)
