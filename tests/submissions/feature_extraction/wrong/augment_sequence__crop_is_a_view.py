# task: augment_sequence
# outcome: wrong
# misconception: shares_memory
_copying_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, int(rate * len(items)))
        start = rng.integers(len(items) - length + 1)
        return items[start : start + length]
    return _copying_augment(items, kind, rate, mask_id, rng)
