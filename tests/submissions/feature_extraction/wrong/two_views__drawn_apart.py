# task: two_views
# outcome: wrong
# misconception: overlapping_views
def two_views(weeks, min_weeks, max_weeks, rng):
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    top = min(max_weeks, active.size - min_weeks)
    a = rng.choice(active, rng.integers(min_weeks, top + 1), replace=False)
    b = rng.choice(active, rng.integers(min_weeks, top + 1), replace=False)
    return np.isin(weeks, a), np.isin(weeks, b)
