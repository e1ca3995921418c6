# task: nt_xent
# outcome: wrong
# misconception: one_direction
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    n = len(z_a)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits[:n], torch.arange(n, 2 * n))
