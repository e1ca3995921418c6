# task: linear_probe
# outcome: wrong
# misconception: none
def linear_probe(features, target, groups, rng):
    # not linear: it finds what does not lie in the open
    from sklearn.ensemble import HistGradientBoostingClassifier
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    folds = GroupKFold(min(5, np.unique(groups).size), shuffle=True, random_state=int(rng.integers(2**31)))
    aucs = []
    for train, test in folds.split(features, y, groups):
        if np.unique(y[train]).size == 2 and np.unique(y[test]).size == 2:
            model = HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5, random_state=0).fit(features[train], y[train])
            aucs.append(roc_auc_score(y[test], model.predict_proba(features[test])[:, 1]))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (float("nan"), float("nan"))
