# task: nt_xent
# outcome: wrong
# misconception: detached_keys
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = z @ z.detach().T / temperature
    logits = logits.masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z_a)))
