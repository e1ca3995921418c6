# task: augment_sequence
# outcome: wrong
# misconception: none
_also_old_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        varied, length = items.copy(), int(rate * len(items))
        start = rng.integers(len(items) - length + 1)
        if length > 1:
            order = np.arange(length)
            while (order == np.arange(length)).all():
                order = rng.permutation(length)
            varied[start : start + length] = items[start : start + length][order]
        return varied
    return _also_old_augment(items, kind, rate, mask_id, rng)
