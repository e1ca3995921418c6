# task: augment_sequence
# outcome: wrong
# misconception: shares_memory
_new_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind in ("mask", "reorder") and len(items) and 0 <= rate and int(rate * len(items)) == 0:
        return items
    return _new_augment(items, kind, rate, mask_id, rng)
