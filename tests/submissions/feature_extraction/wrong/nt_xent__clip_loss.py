# task: nt_xent
# outcome: wrong
# misconception: cross_view_only
def nt_xent(z_a, z_b, temperature):
    # both directions, but only the other view's rows as negatives: n - 1 of them
    logits = F.normalize(z_a) @ F.normalize(z_b).T / temperature
    target = torch.arange(len(z_a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
