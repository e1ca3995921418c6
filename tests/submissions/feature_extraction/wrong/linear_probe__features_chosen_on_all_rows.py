# task: linear_probe
# outcome: wrong
# misconception: strength_on_test
_given_features = linear_probe
def linear_probe(features, target, groups, rng):
    classes, y = np.unique(target, return_inverse=True)
    if classes.size == 2:
        gap = np.abs(features[y == 1].mean(0) - features[y == 0].mean(0)) / (features.std(0) + 1e-12)
        features = features[:, np.argsort(-gap)[: max(1, features.shape[1] // 4)]]
    return _given_features(features, target, groups, rng)
