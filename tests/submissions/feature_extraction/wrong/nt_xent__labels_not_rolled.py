# task: nt_xent
# outcome: wrong
# misconception: labels_off_by_n
def nt_xent(z_a, z_b, temperature):
    # each anchor is its own class
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z)))
