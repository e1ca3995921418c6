# task: augment_sequence
# outcome: error
# misconception: none
_closed_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop":
        raise NotImplementedError
    return _closed_augment(items, kind, rate, mask_id, rng)
