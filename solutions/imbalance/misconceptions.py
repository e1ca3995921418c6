"""Known wrong answers of `imbalance`: what people write, and the sentence that helps them.

Each entry's code, after PRELUDE, is a submission of that one contract.
"""

from autograder.misconceptions import Misconception

PRELUDE = """
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc, precision_recall_curve
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def _check_smote(X, y, k):
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2 or not np.isfinite(X).all():
        raise ValueError("one class, or X is not finite")
    if counts[counts < counts.max()].min(initial=k + 1) < k + 1:
        raise ValueError("a class has too few rows")

def _smote(X, y, k, rng, draw=None, near=None):
    _check_smote(X, y, k)
    draw = draw or (lambda n, d: rng.random((n, 1)))
    near = near or (lambda rare: NearestNeighbors(n_neighbors=k).fit(rare).kneighbors(
        return_distance=False))
    X_all, y_all = [X.astype(float)], [y]
    labels, counts = np.unique(y, return_counts=True)
    for label, count in zip(labels, counts):
        n = counts.max() - count
        if n == 0:
            continue
        rare = X[y == label].astype(float)
        neighbours = near(rare)
        base = rng.integers(len(rare), size=n)
        other = rare[neighbours[base, rng.integers(neighbours.shape[1], size=n)]]
        X_all.append(rare[base] + draw(n, X.shape[1]) * (other - rare[base]))
        y_all.append(np.full(n, label))
    return np.concatenate(X_all), np.concatenate(y_all)

def _check_rates(train_rate, true_rate):
    if not (0 < train_rate < 1 and 0 < true_rate < 1):
        raise ValueError("rates must lie strictly between 0 and 1")

def _cheapest(y_true, p, fn_cost, fp_cost):
    y = np.asarray(y_true, bool)
    candidates = np.append(np.unique(p), np.max(p) + 1)
    costs = [fn_cost * (y & (p < t)).sum() + fp_cost * (~y & (p >= t)).sum() for t in candidates]
    return float(candidates[int(np.argmin(costs))])
"""

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ random_resample
    Misconception(
        "random_resample",
        "under_with_replacement",
        "You under-sampled with replacement: some rows appear twice and others that could have "
        "stayed are gone. Under-sampling throws rows away, so each may be kept once at most.",
        """
def random_resample(X, y, strategy, rng):
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2 or strategy not in ("over", "under"):
        raise ValueError("nothing to balance, or an unknown strategy")
    if strategy == "over":
        added = [rng.choice(np.flatnonzero(y == label), counts.max() - count)
                 for label, count in zip(labels, counts)]
        rows = np.concatenate([np.arange(len(y)), *added])
    else:
        rows = np.concatenate([rng.choice(np.flatnonzero(y == label), counts.min())
                               for label in labels])
    return X[rows], y[rows]
""",
    ),
    Misconception(
        "random_resample",
        "global_seed",
        "You set or used global random state (NumPy's, Python's or torch's). Whoever calls you loses "
        "control of their own randomness, and two experiments in one process disturb each other. Use "
        "`rng`.",
        """
def random_resample(X, y, strategy, rng):
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2 or strategy not in ("over", "under"):
        raise ValueError("nothing to balance, or an unknown strategy")
    np.random.seed(int(rng.integers(1 << 31)))
    if strategy == "over":
        added = [np.random.choice(np.flatnonzero(y == label), counts.max() - count)
                 for label, count in zip(labels, counts)]
        rows = np.concatenate([np.arange(len(y)), *added])
    else:
        rows = np.concatenate([np.random.choice(np.flatnonzero(y == label), counts.min(), False)
                               for label in labels])
    return X[rows], y[rows]
""",
    ),
    # ------------------------------------------------------------------ smote
    Misconception(
        "smote",
        "neighbours_from_all_classes",
        "You searched neighbours among all rows, so synthetic rows lie between classes. Neighbours "
        "must come from the same class.",
        """
def smote(X, y, k_neighbors, rng):
    _check_smote(X, y, k_neighbors)
    X_all, y_all = [X.astype(float)], [y]
    labels, counts = np.unique(y, return_counts=True)
    neighbours = NearestNeighbors(n_neighbors=k_neighbors).fit(X)
    for label, count in zip(labels, counts):
        rare = X[y == label]
        near = neighbours.kneighbors(rare, k_neighbors + 1, return_distance=False)[:, 1:]
        n = counts.max() - count
        base = rng.integers(len(rare), size=n)
        other = X[near[base, rng.integers(k_neighbors, size=n)]]
        X_all.append(rare[base] + rng.random((n, 1)) * (other - rare[base]))
        y_all.append(np.full(n, label))
    return np.concatenate(X_all), np.concatenate(y_all)
""",
    ),
    Misconception(
        "smote",
        "lambda_per_feature",
        "You drew a new fraction for every feature, so points fill a box around the segment. SMOTE "
        "draws one fraction per synthetic row: shape (n, 1), not (n, d).",
        """
def smote(X, y, k_neighbors, rng):
    return _smote(X, y, k_neighbors, rng, draw=lambda n, d: rng.random((n, d)))
""",
    ),
    Misconception(
        "smote",
        "one_lambda_for_all",
        "You drew one fraction and used it for every synthetic row. Draw one per row: shape "
        "(n, 1), not a single number.",
        """
def smote(X, y, k_neighbors, rng):
    return _smote(X, y, k_neighbors, rng, draw=lambda n, d: rng.random())
""",
    ),
    Misconception(
        "smote",
        "extrapolates",
        "Your synthetic rows lie on the lines through a row and its neighbour, but also beyond "
        "them. The fraction must stay within [0, 1).",
        """
def smote(X, y, k_neighbors, rng):
    return _smote(X, y, k_neighbors, rng, draw=lambda n, d: rng.uniform(-0.5, 1.5, (n, 1)))
""",
    ),
    Misconception(
        "smote",
        "self_as_neighbour",
        "You counted each row as its own nearest neighbour, so about one synthetic row in k is a "
        "plain copy. Leave the row itself out: ask for k + 1 neighbours and drop the first.",
        """
def smote(X, y, k_neighbors, rng):
    def near(rare):
        model = NearestNeighbors(n_neighbors=k_neighbors).fit(rare)
        return model.kneighbors(rare, return_distance=False)
    return _smote(X, y, k_neighbors, rng, near=near)
""",
    ),
    Misconception(
        "smote",
        "random_partner",
        "You interpolated towards any row of the class. SMOTE moves towards one of the k nearest, "
        "so that synthetic rows stay where the class lives.",
        """
def smote(X, y, k_neighbors, rng):
    def near(rare):
        n = len(rare)
        return (np.arange(n)[:, None] + rng.integers(1, n, (n, k_neighbors * 20))) % n
    return _smote(X, y, k_neighbors, rng, near=near)
""",
    ),
    Misconception(
        "smote",
        "integers_truncated",
        "You kept the integer dtype of X, which cuts every synthetic value down to a whole number. "
        "A point between two rows is a float.",
        """
def smote(X, y, k_neighbors, rng):
    X_new, y_new = _smote(X, y, k_neighbors, rng)
    return X_new.astype(X.dtype), y_new
""",
    ),
    Misconception(
        "smote",
        "one_class_only",
        "You filled up one class and left the others as they were. Every class must end with as "
        "many rows as the largest.",
        """
def smote(X, y, k_neighbors, rng):
    labels, counts = np.unique(y, return_counts=True)
    X_new, y_new = _smote(X, y, k_neighbors, rng)
    keep = (np.arange(len(y_new)) < len(y)) | (y_new == labels[counts.argmin()])
    return X_new[keep], y_new[keep]
""",
    ),
    Misconception(
        "smote",
        "global_seed",
        "You set or used global random state (NumPy's, Python's or torch's). Whoever calls you loses "
        "control of their own randomness, and two experiments in one process disturb each other. Use "
        "`rng`.",
        """
def smote(X, y, k_neighbors, rng):
    np.random.seed(int(rng.integers(1 << 31)))
    return _smote(X, y, k_neighbors, rng, draw=lambda n, d: np.random.random((n, 1)))
""",
    ),
    # ------------------------------------------------------------------ average_precision
    Misconception(
        "average_precision",
        "trapezoid",
        "You took the area under the precision-recall curve by the trapezoid rule. Between two "
        "points of that curve precision is not linear in recall, and the rule is too optimistic: "
        "average precision sums steps, precision times the gain in recall.",
        """
def average_precision(y_true, scores):
    if not np.any(y_true):
        raise ValueError("no positives")
    precision, recall, _ = precision_recall_curve(y_true, scores)
    return float(auc(recall, precision))
""",
    ),
    Misconception(
        "average_precision",
        "ties_in_row_order",
        "You counted rows of equal score one after the other, in the order in which they stand. A "
        "threshold cannot separate them: equal scores form one step.",
        """
def average_precision(y_true, scores):
    y = np.asarray(y_true, float)[np.argsort(-np.asarray(scores, float), kind="stable")]
    if not y.any():
        raise ValueError("no positives")
    precision = np.cumsum(y) / np.arange(1, len(y) + 1)
    return float((precision * y).sum() / y.sum())
""",
    ),
    # ------------------------------------------------------------------ out_of_fold_probabilities
    Misconception(
        "out_of_fold_probabilities",
        "resampled_before_split",
        "You resampled before the split: copies and mixtures of test rows end up in training, and "
        "the score is inflated. Resample the training rows of each fold, inside the loop.",
        """
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits:
        raise ValueError("fewer groups than folds")
    if resample is not None:
        X, y = resample(X, y, rng)
        groups = np.arange(len(y))
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=int(rng.integers(1 << 31)))
    p = np.zeros(len(y))
    for train, test in folds.split(X, y, groups):
        model = make_model()
        model.fit(X[train], y[train])
        p[test] = model.predict_proba(X[test])[:, 1]
    return p
""",
    ),
    Misconception(
        "out_of_fold_probabilities",
        "scored_on_resampled",
        "You resampled the test fold as well. A test fold must look like the world: score the "
        "original rows, at their original positive rate.",
        """
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits:
        raise ValueError("fewer groups than folds")
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=int(rng.integers(1 << 31)))
    p = []
    for train, test in folds.split(X, y, groups):
        X_train, y_train, X_test, y_test = X[train], y[train], X[test], y[test]
        if resample is not None:
            X_train, y_train = resample(X_train, y_train, rng)
            X_test, y_test = resample(X_test, y_test, rng)
        model = make_model()
        model.fit(X_train, y_train)
        p.append(model.predict_proba(X_test)[:, 1])
    return np.concatenate(p)
""",
    ),
    Misconception(
        "out_of_fold_probabilities",
        "groups_split",
        "Rows of one household stand in training and test at once: the model recognises the "
        "household instead of learning the behaviour. Split by group, not by row.",
        """
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits:
        raise ValueError("fewer groups than folds")
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=int(rng.integers(1 << 31)))
    p = np.zeros(len(y))
    for train, test in folds.split(X, y):
        X_train, y_train = X[train], y[train]
        if resample is not None:
            X_train, y_train = resample(X_train, y_train, rng)
        model = make_model()
        model.fit(X_train, y_train)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p
""",
    ),
    Misconception(
        "out_of_fold_probabilities",
        "global_seed",
        "You set or used global random state (NumPy's, Python's or torch's). Whoever calls you loses "
        "control of their own randomness, and two experiments in one process disturb each other. Use "
        "`rng`.",
        """
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(np.unique(groups)) < n_splits:
        raise ValueError("fewer groups than folds")
    np.random.seed(int(rng.integers(1 << 31)))
    folds = StratifiedGroupKFold(n_splits, shuffle=True)
    p = np.zeros(len(y))
    for train, test in folds.split(X, y, groups):
        X_train, y_train = X[train], y[train]
        if resample is not None:
            X_train, y_train = resample(X_train, y_train, rng)
        model = make_model()
        model.fit(X_train, y_train)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p
""",
    ),
    # ------------------------------------------------------------------ focal_loss
    Misconception(
        "focal_loss",
        "alpha_on_negatives",
        "You gave alpha to the negative class and 1 - alpha to the positive one. In Lin et al. "
        "(2017) alpha weighs the positives.",
        """
def focal_loss(logits, targets, gamma, alpha):
    y = targets.to(logits.dtype)
    ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
    p_wrong = torch.sigmoid(torch.where(y > 0, -logits, logits))
    return (torch.where(y > 0, 1 - alpha, alpha) * p_wrong**gamma * ce).mean()
""",
    ),
    Misconception(
        "focal_loss",
        "focuses_on_easy_rows",
        "Your modulating factor is p_t^gamma, so the loss dwells on rows that are already right. It "
        "must be (1 - p_t)^gamma, where p_t is the probability given to the true class.",
        """
def focal_loss(logits, targets, gamma, alpha):
    y = targets.to(logits.dtype)
    ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
    p_true = torch.sigmoid(torch.where(y > 0, logits, -logits))
    return (torch.where(y > 0, alpha, 1 - alpha) * p_true**gamma * ce).mean()
""",
    ),
    Misconception(
        "focal_loss",
        "gamma_ignores_the_class",
        "You used (1 - p)^gamma for both classes, with p the probability of class 1. For a negative "
        "row the true class has probability 1 - p, so its factor is p^gamma.",
        """
def focal_loss(logits, targets, gamma, alpha):
    y = targets.to(logits.dtype)
    ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
    factor = torch.sigmoid(-logits) ** gamma
    return (torch.where(y > 0, alpha, 1 - alpha) * factor * ce).mean()
""",
    ),
    Misconception(
        "focal_loss",
        "averaged_over_positives",
        "You divided by the number of positives. That is how detectors normalise over anchors; here "
        "the loss is the mean over all rows.",
        """
def focal_loss(logits, targets, gamma, alpha):
    y = targets.to(logits.dtype)
    ce = F.binary_cross_entropy_with_logits(logits, y, reduction="none")
    p_wrong = torch.sigmoid(torch.where(y > 0, -logits, logits))
    total = (torch.where(y > 0, alpha, 1 - alpha) * p_wrong**gamma * ce).sum()
    return total / y.sum().clamp(min=1)
""",
    ),
    # ------------------------------------------------------------------ correct_prior
    Misconception(
        "correct_prior",
        "inverted",
        "You turned the correction round: the odds are multiplied by the true odds and divided by "
        "the training odds, so that a model trained on too many positives becomes more modest.",
        """
def correct_prior(p, train_rate, true_rate):
    _check_rates(train_rate, true_rate)
    ratio = (train_rate / (1 - train_rate)) / (true_rate / (1 - true_rate))
    return p * ratio / (p * ratio + 1 - p)
""",
    ),
    Misconception(
        "correct_prior",
        "omitted",
        "You returned p unchanged. A model that was trained at another positive rate gives "
        "probabilities for that rate; they have to be corrected.",
        """
def correct_prior(p, train_rate, true_rate):
    _check_rates(train_rate, true_rate)
    return np.array(p, float)
""",
    ),
    Misconception(
        "correct_prior",
        "scaled_like_odds",
        "You multiplied the probabilities by the ratio of the rates. It is the odds p / (1 - p) "
        "that scale, by the ratio of the odds of the two rates.",
        """
def correct_prior(p, train_rate, true_rate):
    _check_rates(train_rate, true_rate)
    return np.clip(np.asarray(p) * true_rate / train_rate, 0.0, 1.0)
""",
    ),
    Misconception(
        "correct_prior",
        "ratio_of_odds_on_probabilities",
        "You multiplied the probabilities by the ratio of the odds. Turn p into odds first, and "
        "back into a probability afterwards.",
        """
def correct_prior(p, train_rate, true_rate):
    _check_rates(train_rate, true_rate)
    ratio = (true_rate / (1 - true_rate)) / (train_rate / (1 - train_rate))
    return np.clip(np.asarray(p) * ratio, 0.0, 1.0)
""",
    ),
    # ------------------------------------------------------------------ best_threshold
    Misconception(
        "best_threshold",
        "most_accurate",
        "Your threshold makes the fewest errors, whatever they cost. A miss and a false alarm have "
        "different prices here: minimise the cost, not the count.",
        """
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    return _cheapest(y_true, p, 1.0, 1.0)
""",
    ),
    Misconception(
        "best_threshold",
        "costs_swapped",
        "You swapped the two costs. A false negative is a positive row that you decided against.",
        """
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    return _cheapest(y_true, p, false_positive_cost, false_negative_cost)
""",
    ),
    Misconception(
        "best_threshold",
        "threshold_of_theory",
        "You returned fp / (fp + fn), the threshold for perfectly calibrated probabilities. These "
        "are not: find the best one on the rows that you are given.",
        """
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    total = false_negative_cost + false_positive_cost
    return false_positive_cost / total if total else 0.5
""",
    ),
    # ------------------------------------------------------------------ coupon_model
    Misconception(
        "coupon_model",
        "balance_not_undone",
        "Your model was trained on balanced classes and its probabilities still believe in them: "
        "the mean is more than twice the positive rate. Undo it with `correct_prior`, or do not "
        "balance at all.",
        """
def coupon_model(X, y, groups, rng):
    model = LogisticRegression(C=0.1, max_iter=2000, class_weight="balanced")
    return make_pipeline(StandardScaler(), model).fit(X, y)
""",
    ),
    Misconception(
        "coupon_model",
        "global_seed",
        "Your model draws from global random state, as scikit-learn does where you name no "
        "`random_state`, and torch where you fork no generator: the same rows give another model "
        "each time. Pass `random_state=int(rng.integers(2**31))`.",
        """
def coupon_model(X, y, groups, rng):
    from sklearn.ensemble import RandomForestClassifier
    return RandomForestClassifier(200, min_samples_leaf=5).fit(X, y)
""",
    ),
]
