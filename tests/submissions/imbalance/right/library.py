"""Somebody who knows the libraries."""

import numpy as np
import torch
import torch.nn.functional as F
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from scipy.special import expit, logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_curve
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler


def seed(rng):
    return int(rng.integers(2**31))


def random_resample(X, y, strategy, rng):
    samplers = {"over": RandomOverSampler, "under": RandomUnderSampler}
    if strategy not in samplers:
        raise ValueError(f"strategy should be one of {sorted(samplers)}")
    sampler = samplers[strategy](random_state=seed(rng))
    # imbalanced-learn wants to see numbers; only its choice of rows is needed
    sampler.fit_resample(np.arange(len(y)).reshape(-1, 1), LabelEncoder().fit_transform(y))
    return X[sampler.sample_indices_], y[sampler.sample_indices_]


def smote(X, y, k_neighbors, rng):
    encoder = LabelEncoder()
    codes = encoder.fit_transform(y)
    sampler = SMOTE(k_neighbors=k_neighbors, random_state=seed(rng))
    # ints would be truncated: SMOTE casts back to the dtype of X
    X_new, codes_new = sampler.fit_resample(np.asarray(X, dtype=np.float64), codes)
    return X_new, encoder.inverse_transform(codes_new)


def average_precision(y_true, scores):
    if not np.any(y_true):
        raise ValueError("y_true has no positives")
    return average_precision_score(y_true, scores)


def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits:
        raise ValueError("fewer groups than folds")
    splitter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed(rng))
    folds = list(splitter.split(X, y, groups))
    if any(len(test) == 0 for _, test in folds):
        folds = list(GroupKFold(n_splits).split(X, y, groups))
    p = np.full(len(y), np.nan)
    for train, test in folds:
        X_train, y_train = X[train], y[train]
        if resample is not None:
            X_train, y_train = resample(X_train, y_train, rng)
        model = make_model()
        model.fit(X_train, y_train)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p


def focal_loss(logits, targets, gamma, alpha):
    targets = targets.type_as(logits)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    # log(1 - p_t) is minus the cross-entropy of the wrong label
    log_rest = -F.binary_cross_entropy_with_logits(logits, 1 - targets, reduction="none")
    alpha_t = torch.lerp(1 - alpha + 0 * targets, alpha + 0 * targets, targets)
    return torch.mean(alpha_t * (gamma * log_rest).exp() * cross_entropy)


def correct_prior(p, train_rate, true_rate):
    if min(train_rate, true_rate) <= 0 or max(train_rate, true_rate) >= 1:
        raise ValueError("both rates must be strictly between 0 and 1")
    return expit(logit(p) + logit(true_rate) - logit(train_rate))


def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y_true = np.asarray(y_true).astype(int)
    nobody = float(np.max(p)) + 1.0
    if y_true.all():
        return float(np.min(p))
    if not y_true.any():
        return nobody
    fpr, tpr, thresholds = roc_curve(y_true, p, drop_intermediate=False)
    costs = (1 - tpr) * y_true.sum() * false_negative_cost
    costs += fpr * (1 - y_true).sum() * false_positive_cost
    best = thresholds[np.argmin(costs)]
    return float(best) if np.isfinite(best) else nobody


def coupon_model(X, y, groups, rng):
    base = Pipeline(
        [("scale", StandardScaler()), ("model", LogisticRegression(C=0.3, max_iter=5000))]
    )
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=seed(rng))
    folds = list(splitter.split(X, y, groups))
    return CalibratedClassifierCV(base, method="sigmoid", cv=folds).fit(X, y)
