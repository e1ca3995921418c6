# task: augment_sequence
# outcome: wrong
# misconception: none
_stretch_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "reorder" and len(items) and 0 <= rate <= 1:
        varied = items.copy()
        where = np.sort(rng.choice(len(items), int(rate * len(items)), replace=False))
        varied[where] = rng.permutation(varied[where])
        return varied
    return _stretch_augment(items, kind, rate, mask_id, rng)
