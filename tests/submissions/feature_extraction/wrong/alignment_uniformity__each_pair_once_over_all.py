# task: alignment_uniformity
# outcome: wrong
# misconception: none
def alignment_uniformity(z_a, z_b):
    # i < j summed, but divided by n (n - 1)
    n = len(z_a)
    if n < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    logs = [(torch.exp(-2 * torch.pdist(z) ** 2).sum() / (n * (n - 1))).log() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(logs[0] + logs[1]) / 2
