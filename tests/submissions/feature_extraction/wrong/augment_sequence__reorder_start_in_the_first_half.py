# task: augment_sequence
# outcome: wrong
# misconception: none
_everywhere_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        varied, length = items.copy(), int(rate * len(items))
        start = rng.integers((len(items) - length) // 2 + 1)
        varied[start : start + length] = rng.permutation(items[start : start + length])
        return varied
    return _everywhere_augment(items, kind, rate, mask_id, rng)
