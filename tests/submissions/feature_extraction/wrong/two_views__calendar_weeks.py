# task: two_views
# outcome: wrong
# misconception: none
def two_views(weeks, min_weeks, max_weeks, rng):
    # weeks without an event count, too
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    order = rng.permutation(np.arange(weeks.min(), weeks.max() + 1))
    a = rng.integers(min_weeks, min(max_weeks, order.size - min_weeks) + 1)
    b = rng.integers(min_weeks, min(max_weeks, order.size - a) + 1)
    return np.isin(weeks, order[:a]), np.isin(weeks, order[a : a + b])
