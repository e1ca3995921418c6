# task: alignment_uniformity
# outcome: wrong
# misconception: none
_floats = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    return tuple(torch.tensor(value) for value in _floats(z_a, z_b))
