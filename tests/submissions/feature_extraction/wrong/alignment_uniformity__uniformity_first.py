# task: alignment_uniformity
# outcome: wrong
# misconception: none
_alignment_first = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    return _alignment_first(z_a, z_b)[::-1]
