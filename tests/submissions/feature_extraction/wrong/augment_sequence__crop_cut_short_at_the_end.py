# task: augment_sequence
# outcome: wrong
# misconception: none
_full_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, int(rate * len(items)))
        start = rng.integers(len(items))
        return items[start : start + length].copy()
    return _full_augment(items, kind, rate, mask_id, rng)
