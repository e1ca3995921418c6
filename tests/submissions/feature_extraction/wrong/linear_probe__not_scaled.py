# task: linear_probe
# outcome: wrong
# misconception: none
def linear_probe(features, target, groups, rng):
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    folds = GroupKFold(min(5, np.unique(groups).size), shuffle=True, random_state=int(rng.integers(2**31)))
    aucs = []
    for train, test in folds.split(features, y, groups):
        if np.unique(y[train]).size == 2 and np.unique(y[test]).size == 2:
            model = LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=2, scoring="roc_auc", use_legacy_attributes=False)
            model.fit(features[train], y[train])
            aucs.append(roc_auc_score(y[test], model.decision_function(features[test])))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (float("nan"), float("nan"))
