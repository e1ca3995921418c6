# task: two_views
# outcome: wrong
# misconception: global_seed
def two_views(weeks, min_weeks, max_weeks, rng):
    # reproducible, but everybody else's global state is lost
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    np.random.seed(int(rng.integers(2**31)))
    active = np.random.permutation(active)
    a = np.random.randint(min_weeks, min(max_weeks, active.size - min_weeks) + 1)
    b = np.random.randint(min_weeks, min(max_weeks, active.size - a) + 1)
    return np.isin(weeks, active[:a]), np.isin(weeks, active[a : a + b])
