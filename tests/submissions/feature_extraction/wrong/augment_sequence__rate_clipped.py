# task: augment_sequence
# outcome: wrong
# misconception: none
_bounded_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    return _bounded_augment(items, kind, min(1, max(0, rate)), mask_id, rng)
