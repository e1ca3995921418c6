# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    similarity = (z @ z.T).masked_fill(torch.eye(len(z), dtype=torch.bool), -1.0)
    return F.cross_entropy(similarity / temperature, torch.arange(len(z)).roll(len(z_a)))
