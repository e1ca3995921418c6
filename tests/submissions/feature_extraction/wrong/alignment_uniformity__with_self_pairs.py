# task: alignment_uniformity
# outcome: wrong
# misconception: self_pairs
def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("too few rows")
    a, b = F.normalize(z_a.detach(), dim=1), F.normalize(z_b.detach(), dim=1)
    spread = [torch.exp(-2 * torch.cdist(z, z).square()).mean().log() for z in (a, b)]
    return (a - b).square().sum(1).mean().item(), (spread[0] + spread[1]).item() / 2
