# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    weights = torch.exp(z @ z.T / temperature) * (1 - torch.eye(len(z), dtype=z.dtype))
    positive = weights.gather(1, torch.arange(len(z)).roll(len(z_a))[:, None])[:, 0]
    return -torch.log(positive / weights.sum(1)).mean()
