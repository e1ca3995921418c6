# task: alignment_uniformity
# outcome: wrong
# misconception: none
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    logs = [torch.exp(-2 * torch.pdist(z)).mean().log() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(logs[0] + logs[1]) / 2
