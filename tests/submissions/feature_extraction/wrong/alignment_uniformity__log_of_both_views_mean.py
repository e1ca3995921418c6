# task: alignment_uniformity
# outcome: wrong
# misconception: none
def alignment_uniformity(z_a, z_b):
    # the logarithm of the mean instead of the mean of the logarithms
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    spread = [torch.exp(-2 * torch.pdist(z) ** 2).mean() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float((sum(spread) / 2).log())
