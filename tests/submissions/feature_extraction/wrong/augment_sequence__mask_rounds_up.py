# task: augment_sequence
# outcome: wrong
# misconception: none
_down_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "mask" and len(items) and 0 <= rate <= 1:
        varied = items.copy()
        varied[rng.permutation(len(items))[: int(np.ceil(rate * len(items)))]] = mask_id
        return varied
    return _down_augment(items, kind, rate, mask_id, rng)
