# task: alignment_uniformity
# outcome: wrong
# misconception: none
_all_rows_views = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    # "a sample of the rows is enough"
    return _all_rows_views(z_a[:10], z_b[:10])
