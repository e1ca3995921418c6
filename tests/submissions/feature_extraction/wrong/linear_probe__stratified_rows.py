# task: linear_probe
# outcome: wrong
# misconception: groups_split
def linear_probe(features, target, groups, rng):
    from sklearn.model_selection import StratifiedKFold
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    n_folds = max(2, min(5, np.unique(groups).size, np.bincount(y).min()))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=int(rng.integers(2**31)))
    aucs = []
    for train, test in folds.split(features, y):
        if np.unique(y[train]).size == 2 and np.unique(y[test]).size == 2:
            search = LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=2, scoring="neg_log_loss", use_legacy_attributes=False)
            model = make_pipeline(StandardScaler(), search).fit(features[train], y[train])
            aucs.append(roc_auc_score(y[test], model.decision_function(features[test])))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (float("nan"), float("nan"))
