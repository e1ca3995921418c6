# task: alignment_uniformity
# outcome: wrong
# misconception: one_view_only
_both_views = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    return _both_views(z_a, z_b)[0], _both_views(z_a, z_a)[1]
