# task: augment_sequence
# outcome: wrong
# misconception: none
_uniform_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    # every late start becomes the last one
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, int(rate * len(items)))
        start = min(rng.integers(len(items)), len(items) - length)
        return items[start : start + length].copy()
    return _uniform_augment(items, kind, rate, mask_id, rng)
