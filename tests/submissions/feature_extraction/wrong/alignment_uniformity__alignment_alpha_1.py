# task: alignment_uniformity
# outcome: wrong
# misconception: distance_not_squared
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    logs = [torch.exp(-2 * torch.pdist(z) ** 2).mean().log() for z in (a, b)]
    return float((a - b).norm(dim=1).mean()), float(logs[0] + logs[1]) / 2
