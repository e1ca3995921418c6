# task: augment_sequence
# outcome: wrong
# misconception: none
_position_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "mask" and len(items) and 0 <= rate <= 1:
        hidden = rng.choice(items, int(rate * len(items)), replace=False)
        return np.where(np.isin(items, hidden), items.dtype.type(mask_id), items)
    return _position_augment(items, kind, rate, mask_id, rng)
