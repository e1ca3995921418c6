# task: two_views
# outcome: wrong
# misconception: overlapping_views
def two_views(weeks, min_weeks, max_weeks, rng):
    # the first so many and the last so many of one order: they meet where weeks are few
    active = rng.permutation(np.unique(weeks))
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    top = min(max_weeks, active.size - min_weeks)
    a, b = rng.integers(min_weeks, top + 1, 2)
    return np.isin(weeks, active[:a]), np.isin(weeks, active[-b:])
