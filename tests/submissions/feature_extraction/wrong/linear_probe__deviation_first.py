# task: linear_probe
# outcome: wrong
# misconception: none
_mean_first = linear_probe
def linear_probe(features, target, groups, rng):
    return _mean_first(features, target, groups, rng)[::-1]
