# task: linear_probe
# outcome: error
# misconception: none
def linear_probe(features, target, groups, rng):
    # looks at the test rows alone
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    aucs = []
    names = rng.permutation(np.unique(groups))
    for part in np.array_split(names, min(5, names.size)):
        test = np.isin(groups, part)
        if np.unique(y[test]).size == 2:
            model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=3, scoring="neg_log_loss", use_legacy_attributes=False)).fit(features[~test], y[~test])
            aucs.append(roc_auc_score(y[test], model.decision_function(features[test])))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (float("nan"), float("nan"))
