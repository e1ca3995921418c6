# task: augment_sequence
# outcome: wrong
# misconception: none
_one_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = int(rate * len(items))
        start = rng.integers(len(items) - length + 1)
        return items[start : start + length].copy()
    return _one_augment(items, kind, rate, mask_id, rng)
