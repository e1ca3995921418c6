# task: two_views
# outcome: wrong
# misconception: none
_drawn_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    return _drawn_views(weeks, min_weeks, max_weeks, np.random.default_rng())
