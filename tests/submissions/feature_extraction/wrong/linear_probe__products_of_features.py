# task: linear_probe
# outcome: wrong
# misconception: none
_linear = linear_probe
def linear_probe(features, target, groups, rng):
    # not linear: it finds what does not lie in the open
    i, j = np.triu_indices(features.shape[1])
    return _linear(np.column_stack([features, features[:, i] * features[:, j]]), target, groups, rng)
