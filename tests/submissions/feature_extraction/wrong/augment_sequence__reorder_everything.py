# task: augment_sequence
# outcome: wrong
# misconception: none
_local_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        return rng.permutation(items)
    return _local_augment(items, kind, rate, mask_id, rng)
