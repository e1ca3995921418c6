# task: two_views
# outcome: wrong
# misconception: none
def two_views(weeks, min_weeks, max_weeks, rng):
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    a = rng.integers(min_weeks, min(max_weeks, active.size - min_weeks) + 1)
    b = rng.integers(min_weeks, min(max_weeks, active.size - a) + 1)
    chosen = np.sort(rng.choice(active, a + b, replace=False))
    return np.isin(weeks, chosen[:a]), np.isin(weeks, chosen[a:])
