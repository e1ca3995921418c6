# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    # the loss is finite, the gradient of what `where` throws away is not
    z = torch.cat([z_a, z_b])
    norm = z.square().sum(1, keepdim=True).sqrt()
    z = torch.where(norm > 0, z / norm, torch.zeros_like(z))
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_a)))
