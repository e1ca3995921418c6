# task: nt_xent
# outcome: wrong
# misconception: not_normalised
def nt_xent(z_a, z_b, temperature):
    z = torch.cat([z_a, z_b])
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_a)))
