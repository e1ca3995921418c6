# task: augment_sequence
# outcome: wrong
# misconception: none
_any_order_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    # only L of the L! orders
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        varied, length = items.copy(), int(rate * len(items))
        start = rng.integers(len(items) - length + 1)
        stretch = items[start : start + length]
        varied[start : start + length] = np.roll(stretch, int(rng.integers(max(1, length))))
        return varied
    return _any_order_augment(items, kind, rate, mask_id, rng)
