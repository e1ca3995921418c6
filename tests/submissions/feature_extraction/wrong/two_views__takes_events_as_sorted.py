# task: two_views
# outcome: wrong
# misconception: none
def two_views(weeks, min_weeks, max_weeks, rng):
    active, counts = np.unique(weeks, return_counts=True)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    label = np.full(active.size, 2)
    order = rng.permutation(active.size)
    a = rng.integers(min_weeks, min(max_weeks, active.size - min_weeks) + 1)
    b = rng.integers(min_weeks, min(max_weeks, active.size - a) + 1)
    label[order[:a]], label[order[a : a + b]] = 0, 1
    of_event = np.repeat(label, counts)
    return of_event == 0, of_event == 1
