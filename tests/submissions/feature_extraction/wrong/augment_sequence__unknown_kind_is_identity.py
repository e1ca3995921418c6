# task: augment_sequence
# outcome: wrong
# misconception: none
_picky_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind not in ("crop", "mask", "reorder"):
        return items.copy()
    return _picky_augment(items, kind, rate, mask_id, rng)
