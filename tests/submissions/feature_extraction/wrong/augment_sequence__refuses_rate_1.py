# task: augment_sequence
# outcome: error
# misconception: none
_everything_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if rate >= 1:
        raise ValueError("rate must be below 1")
    return _everything_augment(items, kind, rate, mask_id, rng)
