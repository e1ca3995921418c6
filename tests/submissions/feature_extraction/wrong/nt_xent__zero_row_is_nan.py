# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    z = torch.cat([z_a, z_b])
    z = z / z.norm(dim=1, keepdim=True)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_a)))
