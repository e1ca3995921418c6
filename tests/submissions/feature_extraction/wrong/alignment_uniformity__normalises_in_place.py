# task: alignment_uniformity
# outcome: wrong
# misconception: none
_careful_views = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    for z in (z_a, z_b):
        z.data /= z.data.norm(dim=1, keepdim=True)
    return _careful_views(z_a, z_b)
