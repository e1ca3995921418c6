# task: augment_sequence
# outcome: wrong
# misconception: none
_floor_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, round(rate * len(items)))
        start = rng.integers(len(items) - length + 1)
        return items[start : start + length].copy()
    return _floor_augment(items, kind, rate, mask_id, rng)
