# task: nt_xent
# outcome: wrong
# misconception: self_in_denominator
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    return F.cross_entropy(z @ z.T / temperature, torch.arange(len(z)).roll(len(z_a)))
