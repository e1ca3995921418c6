# task: augment_sequence
# outcome: wrong
# misconception: none
_scattered_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "mask" and len(items) and 0 <= rate <= 1:
        varied, length = items.copy(), int(rate * len(items))
        start = rng.integers(len(items) - length + 1)
        varied[start : start + length] = mask_id
        return varied
    return _scattered_augment(items, kind, rate, mask_id, rng)
