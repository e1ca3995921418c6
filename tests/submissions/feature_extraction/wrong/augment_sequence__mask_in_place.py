# task: augment_sequence
# outcome: wrong
# misconception: in_place
_copied_augment = augment_sequence
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind == "mask" and len(items) and 0 <= rate <= 1:
        items[rng.choice(len(items), int(rate * len(items)), replace=False)] = mask_id
        return items
    return _copied_augment(items, kind, rate, mask_id, rng)
