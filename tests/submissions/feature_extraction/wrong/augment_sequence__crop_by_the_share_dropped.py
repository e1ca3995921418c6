# task: augment_sequence
# outcome: wrong
# misconception: none
_shared_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    # one contiguous stretch, but rate is read as what goes
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, len(items) - int(rate * len(items)))
        start = rng.integers(len(items) - length + 1)
        return items[start : start + length].copy()
    return _shared_augment(items, kind, rate, mask_id, rng)
