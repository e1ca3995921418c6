# task: alignment_uniformity
# outcome: wrong
# misconception: averaged_over_columns
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()) for z in (z_a, z_b))
    logs = [torch.exp(-2 * torch.pdist(z) ** 2).mean().log() for z in (a, b)]
    return F.mse_loss(a, b).item(), float(logs[0] + logs[1]) / 2
