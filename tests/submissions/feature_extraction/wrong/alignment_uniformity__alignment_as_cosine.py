# task: alignment_uniformity
# outcome: wrong
# misconception: none
_squared_distance = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    # half of the squared distance
    alignment, uniformity = _squared_distance(z_a, z_b)
    return 1 - F.cosine_similarity(z_a, z_b).mean().item(), uniformity
