# task: augment_sequence
# outcome: wrong
# misconception: in_place
_fresh_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        length = int(rate * len(items))
        start = rng.integers(len(items) - length + 1)
        rng.shuffle(items[start : start + length])
        return items.copy()
    return _fresh_augment(items, kind, rate, mask_id, rng)
