# task: two_views
# outcome: error
# misconception: none
_asserted_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    assert 1 <= min_weeks <= max_weeks and len(np.unique(weeks)) >= 2 * min_weeks
    return _asserted_views(weeks, min_weeks, max_weeks, rng)
