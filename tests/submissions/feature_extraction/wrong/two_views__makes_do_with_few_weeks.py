# task: two_views
# outcome: wrong
# misconception: none
_enough_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    half = len(np.unique(weeks)) // 2
    return _enough_views(weeks, min(min_weeks, max(1, half)), max_weeks, rng)
