# task: alignment_uniformity
# outcome: wrong
# misconception: self_pairs
def alignment_uniformity(z_a, z_b):
    n = len(z_a)
    if n < 2:
        raise ValueError("too few rows")
    a, b = (F.normalize(z.detach().double()).numpy() for z in (z_a, z_b))
    logs = [np.log(np.mean([np.exp(-2 * ((p - q) ** 2).sum()) for p in z for q in z])) for z in (a, b)]
    return float(np.mean(((a - b) ** 2).sum(1))), float(np.mean(logs))
