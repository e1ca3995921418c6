# task: linear_probe
# outcome: wrong
# misconception: none
_skipping = linear_probe
def linear_probe(features, target, groups, rng):
    # a fold that cannot be scored counts as chance
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    aucs = []
    names = rng.permutation(np.unique(groups))
    for part in np.array_split(names, min(5, names.size)):
        test = np.isin(groups, part)
        auc = 0.5
        if np.unique(y[~test]).size == 2 and np.unique(y[test]).size == 2:
            search = LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=2, scoring="roc_auc", use_legacy_attributes=False)
            model = make_pipeline(StandardScaler(), search).fit(features[~test], y[~test])
            auc = roc_auc_score(y[test], model.decision_function(features[test]))
        aucs.append(auc)
    return float(np.mean(aucs)), float(np.std(aucs))
