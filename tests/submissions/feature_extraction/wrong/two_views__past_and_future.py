# task: two_views
# outcome: wrong
# misconception: none
def two_views(weeks, min_weeks, max_weeks, rng):
    # a from the earlier half of the weeks, b from the later one: no late week ever enters a
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or active.size < 2 * min_weeks:
        raise ValueError("bad sizes")
    early, late = active[: active.size // 2], active[active.size // 2 :]
    a = rng.choice(early, rng.integers(min_weeks, min(max_weeks, early.size) + 1), replace=False)
    b = rng.choice(late, rng.integers(min_weeks, min(max_weeks, late.size) + 1), replace=False)
    return np.isin(weeks, a), np.isin(weeks, b)
