# task: alignment_uniformity
# outcome: wrong
# misconception: none
_many_rows = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    if len(z_a) == 1:
        return float((F.normalize(z_a) - F.normalize(z_b)).square().sum()), float("nan")
    return _many_rows(z_a, z_b)
