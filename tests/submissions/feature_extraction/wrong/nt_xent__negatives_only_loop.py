# task: nt_xent
# outcome: wrong
# misconception: positive_missing
def nt_xent(z_a, z_b, temperature):
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]))
    losses = []
    for i in range(2 * n):
        j = (i + n) % (2 * n)
        logits = z @ z[i] / temperature
        negatives = [logits[k] for k in range(2 * n) if k not in (i, j)]
        below = torch.stack(negatives).logsumexp(0) if negatives else logits[j]
        losses.append(below - logits[j])
    return torch.stack(losses).mean()
