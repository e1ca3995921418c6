# task: nt_xent
# outcome: wrong
# misconception: one_direction
def nt_xent(z_a, z_b, temperature):
    a, b = F.normalize(z_a), F.normalize(z_b)
    cross, within = a @ b.T / temperature, a @ a.T / temperature
    within = within.masked_fill(torch.eye(len(a), dtype=torch.bool), -torch.inf)
    return (torch.cat([cross, within], 1).logsumexp(1) - cross.diagonal()).mean()
