# task: two_views
# outcome: wrong
# misconception: none
_bool_masks = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    return tuple(mask.astype(int) for mask in _bool_masks(weeks, min_weeks, max_weeks, rng))
