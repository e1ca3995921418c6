# task: two_views
# outcome: wrong
# misconception: none
_strict_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    return _strict_views(weeks, max(1, min_weeks), max(1, max_weeks), rng)
