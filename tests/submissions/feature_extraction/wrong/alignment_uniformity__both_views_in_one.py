# task: alignment_uniformity
# outcome: wrong
# misconception: views_pooled
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    uniformity = torch.exp(-2 * torch.pdist(torch.cat([a, b])) ** 2).mean().log()
    return float((a - b).square().sum(1).mean()), float(uniformity)
