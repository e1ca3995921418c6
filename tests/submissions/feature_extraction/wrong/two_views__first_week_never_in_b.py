# task: two_views
# outcome: wrong
# misconception: none
def two_views(weeks, min_weeks, max_weeks, rng):
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    order = rng.permutation(active)
    a = rng.integers(min_weeks, min(max_weeks, active.size - min_weeks) + 1)
    rest = order[a:]
    if rest.size > min_weeks:
        rest = rest[rest != active[0]]
    b = rng.integers(min_weeks, min(max_weeks, rest.size) + 1)
    return np.isin(weeks, order[:a]), np.isin(weeks, rest[:b])
