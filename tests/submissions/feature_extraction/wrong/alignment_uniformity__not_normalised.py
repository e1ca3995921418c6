# task: alignment_uniformity
# outcome: wrong
# misconception: not_normalised
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = z_a.detach().double(), z_b.detach().double()
    logs = [(-2 * torch.pdist(z).square()).logsumexp(0) - np.log(len(z) * (len(z) - 1) / 2) for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(logs[0] + logs[1]) / 2
