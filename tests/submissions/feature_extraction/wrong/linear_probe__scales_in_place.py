# task: linear_probe
# outcome: wrong
# misconception: none
_copying_probe = linear_probe
def linear_probe(features, target, groups, rng):
    result = _copying_probe(features, target, groups, rng)
    features -= features.mean(0)
    return result
