# task: two_views
# outcome: error
# misconception: none
_fitting_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    if len(np.unique(weeks)) < 2 * max_weeks:
        raise ValueError("too few weeks")
    return _fitting_views(weeks, min_weeks, max_weeks, rng)
