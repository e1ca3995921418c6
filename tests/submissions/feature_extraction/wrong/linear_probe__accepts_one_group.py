# task: linear_probe
# outcome: wrong
# misconception: none
_groups_probe = linear_probe
def linear_probe(features, target, groups, rng):
    if np.unique(groups).size == 1:
        groups = np.arange(len(groups))
    return _groups_probe(features, target, groups, rng)
