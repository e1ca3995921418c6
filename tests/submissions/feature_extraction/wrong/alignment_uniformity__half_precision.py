# task: alignment_uniformity
# outcome: wrong
# misconception: none
_precise_views = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    return _precise_views(z_a.half(), z_b.half())
