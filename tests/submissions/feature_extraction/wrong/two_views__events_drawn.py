# task: two_views
# outcome: wrong
# misconception: single_events
def two_views(weeks, min_weeks, max_weeks, rng):
    n = len(np.unique(weeks))
    if min_weeks < 1 or max_weeks < min_weeks or n < 2 * min_weeks:
        raise ValueError("bad sizes")
    order = rng.permutation(len(weeks))
    a = rng.integers(min_weeks, min(max_weeks, n - min_weeks) + 1)
    b = rng.integers(min_weeks, min(max_weeks, n - a) + 1)
    mask_a, mask_b = np.zeros((2, len(weeks)), dtype=bool)
    mask_a[order[:a]] = True
    mask_b[order[a : a + b]] = True
    return mask_a, mask_b
