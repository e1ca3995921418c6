# task: nt_xent
# outcome: wrong
# misconception: none
def nt_xent(z_a, z_b, temperature):
    # enough for a small batch, too few for others
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    n, logits = len(z_a), z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    positive = logits[torch.arange(2 * n), torch.arange(2 * n).roll(n)]
    others = logits.scatter(1, torch.arange(2 * n).roll(n)[:, None], -torch.inf)
    kept = others.topk(min(6, 2 * n), 1).values
    return (torch.cat([positive[:, None], kept], 1).logsumexp(1) - positive).mean()
