# task: augment_sequence
# outcome: wrong
# misconception: none
_joined_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "crop" and len(items) and 0 <= rate <= 1:
        length = max(1, int(rate * len(items)))
        return items[np.sort(rng.choice(len(items), length, replace=False))]
    return _joined_augment(items, kind, rate, mask_id, rng)
