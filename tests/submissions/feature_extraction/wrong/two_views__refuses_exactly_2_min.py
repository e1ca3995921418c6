# task: two_views
# outcome: error
# misconception: none
_exact_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    if len(np.unique(weeks)) <= 2 * min_weeks:
        raise ValueError("too few weeks")
    return _exact_views(weeks, min_weeks, max_weeks, rng)
