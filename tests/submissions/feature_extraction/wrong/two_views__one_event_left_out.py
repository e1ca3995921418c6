# task: two_views
# outcome: wrong
# misconception: none
_whole_views = two_views
def two_views(weeks, min_weeks, max_weeks, rng):
    # the first event of each view is dropped, "to make it harder"
    masks = _whole_views(weeks, min_weeks, max_weeks, rng)
    for mask in masks:
        if mask.sum() > 1:
            mask[np.argmax(mask)] = False
    return masks
