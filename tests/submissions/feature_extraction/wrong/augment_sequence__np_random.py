# task: augment_sequence
# outcome: wrong
# misconception: global_seed
def augment_sequence(items, kind, rate, mask_id, rng):
    if len(items) == 0 or not 0 <= rate <= 1 or kind not in ("crop", "mask", "reorder"):
        raise ValueError("bad input")
    varied, n = items.copy(), len(items)
    length = int(rate * n)
    if kind == "mask":
        varied[np.random.choice(n, length, replace=False)] = mask_id
        return varied
    length = max(1, length) if kind == "crop" else length
    start = np.random.randint(n - length + 1)
    if kind == "crop":
        return varied[start : start + length]
    np.random.shuffle(varied[start : start + length])
    return varied
