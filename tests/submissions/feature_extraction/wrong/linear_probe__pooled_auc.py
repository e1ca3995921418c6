# task: linear_probe
# outcome: wrong
# misconception: none
def linear_probe(features, target, groups, rng):
    # one AUC over all out-of-fold scores; no deviation
    classes, y = np.unique(target, return_inverse=True)
    if np.unique(groups).size < 2 or classes.size != 2:
        raise ValueError("bad input")
    folds = GroupKFold(min(5, np.unique(groups).size), shuffle=True, random_state=int(rng.integers(2**31)))
    scores = np.zeros(len(y))
    for train, test in folds.split(features, y, groups):
        if np.unique(y[train]).size == 2:
            model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=[1e-3, 1e-2, 0.1, 1, 10], cv=3, scoring="neg_log_loss", use_legacy_attributes=False)).fit(features[train], y[train])
            scores[test] = model.predict_proba(features[test])[:, 1]
    return float(roc_auc_score(y, scores)), 0.0
