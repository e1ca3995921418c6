# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    # without the diagonal there are 2n - 1 columns, and a's positives stand one to the left
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    n, logits = len(z_a), z @ z.T / temperature
    off = logits[~torch.eye(2 * n, dtype=torch.bool)].view(2 * n, 2 * n - 1)
    target = torch.cat([torch.arange(n) + n, torch.arange(n)]).clamp(max=2 * n - 2)
    return F.cross_entropy(off, target)
