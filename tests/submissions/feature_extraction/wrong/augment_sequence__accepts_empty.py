# task: augment_sequence
# outcome: wrong
# misconception: none
_refusing_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if len(items) == 0:
        return items.copy()
    return _refusing_augment(items, kind, rate, mask_id, rng)
