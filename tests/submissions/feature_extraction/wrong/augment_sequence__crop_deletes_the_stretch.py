# task: augment_sequence
# outcome: wrong
# misconception: crop_drops
_keeping_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, int(rate * len(items)))
        start = rng.integers(len(items) - length + 1)
        return np.delete(items, slice(start, start + length))
    return _keeping_augment(items, kind, rate, mask_id, rng)
