# task: two_views
# outcome: wrong
# misconception: none
_unsorted_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    weeks.sort()
    return _unsorted_views(weeks, min_weeks, max_weeks, rng)
