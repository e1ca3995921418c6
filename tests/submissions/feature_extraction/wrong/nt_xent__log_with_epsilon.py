# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    positive = logits.softmax(1).gather(1, torch.arange(len(z)).roll(len(z_a))[:, None])
    return -torch.log(positive + 1e-8).mean()
