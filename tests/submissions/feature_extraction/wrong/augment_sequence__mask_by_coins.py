# task: augment_sequence
# outcome: wrong
# misconception: none
_exact_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "mask" and len(items) and 0 <= rate <= 1:
        return np.where(rng.random(len(items)) < rate, items.dtype.type(mask_id), items)
    return _exact_augment(items, kind, rate, mask_id, rng)
