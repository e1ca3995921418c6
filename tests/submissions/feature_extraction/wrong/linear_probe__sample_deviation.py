# task: linear_probe
# outcome: wrong
# misconception: none
_population_std = linear_probe
def linear_probe(features, target, groups, rng):
    mean, std = _population_std(features, target, groups, rng)
    n_folds = min(5, np.unique(groups).size)
    return mean, std * (n_folds / (n_folds - 1)) ** 0.5
