# task: linear_probe
# outcome: wrong
# misconception: groups_split
_by_group = linear_probe
def linear_probe(features, target, groups, rng):
    # every row is a group of its own
    if np.unique(groups).size < 2:
        raise ValueError("one group only")
    return _by_group(features, target, np.arange(len(groups)), rng)
