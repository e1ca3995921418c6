# task: linear_probe
# outcome: wrong
# misconception: global_seed
def linear_probe(features, target, groups, rng):
    # random_state=None: scikit-learn takes NumPy's global generator
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    folds = GroupKFold(min(5, np.unique(groups).size), shuffle=True)
    aucs = []
    for train, test in folds.split(features, y, groups):
        if np.unique(y[train]).size == 2 and np.unique(y[test]).size == 2:
            search = LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=2, scoring="roc_auc", use_legacy_attributes=False)
            model = make_pipeline(StandardScaler(), search).fit(features[train], y[train])
            aucs.append(roc_auc_score(y[test], model.decision_function(features[test])))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (float("nan"), float("nan"))
