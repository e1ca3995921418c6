# task: alignment_uniformity
# outcome: wrong
# misconception: mean_of_logarithms
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    spread = [-2 * (torch.pdist(z) ** 2).mean() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(spread[0] + spread[1]) / 2
