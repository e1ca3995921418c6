# task: alignment_uniformity
# outcome: error
# misconception: none
_two_rows = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    if len(z_a) <= 2:
        raise ValueError("too few rows")
    return _two_rows(z_a, z_b)
