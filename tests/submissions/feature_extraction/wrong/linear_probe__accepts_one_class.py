# task: linear_probe
# outcome: wrong
# misconception: none
_classes_probe = linear_probe
def linear_probe(features, target, groups, rng):
    if np.unique(target).size == 1:
        return float("nan"), float("nan")
    return _classes_probe(features, target, groups, rng)
