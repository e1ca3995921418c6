# task: augment_sequence
# outcome: wrong
# misconception: none
_anywhere_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        rng.random()
        return items[: max(1, int(rate * len(items)))].copy()
    return _anywhere_augment(items, kind, rate, mask_id, rng)
