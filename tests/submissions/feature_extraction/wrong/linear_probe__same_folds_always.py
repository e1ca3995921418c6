# task: linear_probe
# outcome: wrong
# misconception: none
_random_folds = linear_probe
def linear_probe(features, target, groups, rng):
    return _random_folds(features, target, groups, np.random.default_rng(0))
