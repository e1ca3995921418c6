# task: nt_xent
# outcome: wrong
# misconception: positive_missing
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    n, logits = len(z_a), z @ z.T / temperature
    if n == 1:
        return logits.sum() * 0
    own = torch.eye(2 * n, dtype=torch.bool)
    positives = torch.cat([logits.diagonal(n), logits.diagonal(-n)])
    rest = logits.masked_fill(own | own.roll(n, 0), -torch.inf)
    return (rest.logsumexp(1) - positives).mean()
