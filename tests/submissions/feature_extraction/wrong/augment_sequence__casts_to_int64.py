# task: augment_sequence
# outcome: wrong
# misconception: none
_typed_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    return _typed_augment(items, kind, rate, mask_id, rng).astype(np.int64)
