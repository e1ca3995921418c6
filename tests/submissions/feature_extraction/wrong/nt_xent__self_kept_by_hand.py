# task: nt_xent
# outcome: wrong
# misconception: self_in_denominator
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.vstack([z_a, z_b]))
    n, logits = len(z_a), z @ z.T / temperature
    positives = torch.cat([logits.diagonal(n), logits.diagonal(-n)])
    return -(positives - logits.logsumexp(dim=1)).mean()
