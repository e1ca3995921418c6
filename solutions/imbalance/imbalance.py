# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] name="introduction"
# # Class imbalance: who will redeem a coupon?
#
# A grocery chain mails coupon campaigns to its households. A few redeem a coupon; the rest throw
# the letter away. Paper and postage cost money, and so does a good customer who never hears of the
# offer. You are to say, **before a campaign is mailed, how likely each household is to redeem**,
# from what the shop knew on that day and nothing later.
#
# The data are real: a year of purchases in a grocery chain (The Complete Journey). This exercise
# builds, piece by piece, what an interviewer expects you to know about a rare event: resampling, an
# honest metric, an honest split, a loss, calibration, and a decision with a price.
#
# **How it works.** Each task is a function with a contract in its docstring. Replace
# `raise NotImplementedError` by your code and run the `check(...)` cell below it: it says what
# holds, what does not, and why that may be. `hint("smote")` shows a first hint, and each further
# call one more. Your code may use NumPy, SciPy, scikit-learn, imbalanced-learn and torch, helper
# functions in cells of your own, and the other tasks' functions.
#
# **What is graded.** Eight tasks are worth 20 points; the written question at the end, 5 more,
# marked by hand. The grader runs the same checks as `check(...)`, and again with random inputs that
# you have not seen, in a process with no network and no files. It reads the notebook as *Run All*
# would leave it, takes your functions and what they need (imports, helpers, tables), and leaves
# plots, magics and experiments alone.
#
# Your functions may use one processor core, ten seconds for each of the first seven tasks, and
# threads, but no further processes.
#
# **Rules for every task.** `rng` is a `numpy.random.Generator`: draw from it and from nothing
# else, so that the same state gives the same result. Never change your inputs. Where a docstring
# names bad input, raise `ValueError` with a sentence that says what was wrong.

# %% name="setup" role="locked"
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autograder import check, hint

# %% [markdown] name="data"
# ## The data
#
# One row is one letter: a household and a campaign. `X` holds what was known on the campaign's
# first day, `y` whether the household redeemed any of its coupons, `groups` the household. The
# split is *strict*: training campaigns had **ended** before day 276, test campaigns **start** from
# that day on. A row whose label was not yet known on day 276 belongs to neither.
# %% name="look"
from shelfspace.data import imbalance_table, split_strict

table = imbalance_table()
train, test = split_strict(table)
print(f"{len(table.y):,} letters, {table.y.mean():.1%} answered, {table.X.shape[1]} features")
for name, rows in (("train", train), ("test", test)):
    print(f"{name:>5}: {rows.sum():,} letters, {table.y[rows].sum()} answered")

# %% [markdown] task="random_resample"
# The two oldest remedies. **Over-sampling** repeats rows of the small classes until every class has
# as many as the largest; **under-sampling** throws rows of the large classes away until every
# class has as few as the smallest. The first makes training slower and tempts a flexible model to
# learn copies by heart, the second discards data that somebody paid for.
#
# <details><summary>Help: my rows and labels do not fit together</summary>
#
# Choose row *numbers* first, all of them, and index once at the end: `X[rows], y[rows]`.
# </details>
#
# <details><summary>Help, I get <code>ValueError: Cannot take a larger sample than population</code></summary>
#
# `replace=False` cannot draw more rows than there are. Over-sampling draws *with* replacement, and
# only the rows that are missing.
# </details>


# %% task="random_resample" role="solution"
def random_resample(
    X: np.ndarray, y: np.ndarray, strategy: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows resampled so that all classes are equally frequent.

    Parameters
    ----------
    X : (n, d) array
        Rows.
    y : (n,) array
        Class labels: two or more classes; ints, text (NumPy's dtype `U`) or bools.
    strategy : "over" or "under"
        "over": every class ends with as many rows as the largest class. All rows of X come first,
        in their order; the added ones are drawn uniformly, with replacement, within their class.
        "under": every class ends with as many rows as the smallest class, drawn uniformly,
        without replacement, within its class; any order.
    rng : numpy.random.Generator

    Returns
    -------
    X : (m, d) array, y : (m,) array
        The chosen rows and their labels, dtypes kept.

    Raises
    ------
    ValueError
        If y holds one class only, or for another strategy.
    """
    ### BEGIN SOLUTION
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("y holds one class only, so there is nothing to balance")
    rows_of = [np.flatnonzero(y == label) for label in labels]
    if strategy == "over":
        added = [rng.choice(rows, counts.max() - len(rows)) for rows in rows_of]
        chosen = np.concatenate([np.arange(len(y)), *added])
    elif strategy == "under":
        kept = [rng.choice(rows, counts.min(), replace=False) for rows in rows_of]
        chosen = np.concatenate(kept)
    else:
        raise ValueError(f'strategy must be "over" or "under", got {strategy!r}')
    return X[chosen], y[chosen]
    ### END SOLUTION


# %% [markdown] task="smote"
# **SMOTE** (Chawla, Bowyer, Hall & Kegelmeyer 2002) does not repeat rows but invents some. For each
# synthetic row: choose a row of the class at random, choose one of its *k* nearest neighbours **of
# the same class** at random, and place the new row at a random point of the segment between them:
#
# $$x_\text{new} = x_i + \lambda\,(x_j - x_i), \qquad \lambda \sim U(0, 1)$$
#
# one $\lambda$ per synthetic row. Distances are Euclidean on X as it comes: scaling the features is
# the caller's choice, and it decides who is a neighbour of whom.
#
# <details><summary>Help: one synthetic row in k is a copy</summary>
#
# A row's nearest neighbour among all rows is itself. In scikit-learn, `kneighbors(X)` returns the
# row itself first, while `kneighbors()` without an argument leaves it out.
# </details>
#
# <details><summary>Help: my synthetic rows fill boxes instead of segments</summary>
#
# Look at the shape of your random fractions: `(n, 1)` moves all features by the same fraction,
# `(n, d)` moves each by its own.
# </details>


# %% task="smote" role="solution"
def smote(
    X: np.ndarray, y: np.ndarray, k_neighbors: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of X, then synthetic rows that fill every class up to the largest.

    Parameters
    ----------
    X : (n, d) array of floats or ints
        Rows; not scaled by this function.
    y : (n,) array
        Class labels: two or more classes; ints, strings or bools.
    k_neighbors : int
        How many nearest rows of the same class, the row itself excluded, serve as partners.
    rng : numpy.random.Generator

    Returns
    -------
    X : (m, d) float array
        All rows of the input first, unchanged and in order; then the synthetic ones. Each lies
        between a row drawn uniformly from its class and one drawn uniformly from that row's
        k_neighbors nearest of the class, at a uniform position. A duplicate of a row is another
        row, and may be its neighbour. Where all classes are equally large, nothing is added.
    y : (m,) array
        Labels, of the same kind as in y; every class ends with as many rows as the largest has.

    Raises
    ------
    ValueError
        If a class that has to be filled up has fewer than k_neighbors + 1 rows, if y holds one
        class only, or if X holds NaN or infinity.
    """
    ### BEGIN SOLUTION
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("y holds one class only, so there is nothing to fill up")
    if not np.isfinite(X).all():
        raise ValueError("X holds NaN or infinity; impute before you interpolate")
    X_parts, y_parts = [X.astype(float)], [y]
    for label, count in zip(labels, counts, strict=True):
        missing = counts.max() - count
        if missing == 0:
            continue
        if count < k_neighbors + 1:
            raise ValueError(
                f"class {label!r} has {count} rows, too few for {k_neighbors} neighbours"
            )
        rows = X[y == label].astype(float)
        nearest = NearestNeighbors(n_neighbors=k_neighbors).fit(rows)
        neighbours = nearest.kneighbors(return_distance=False)
        base = rng.integers(len(rows), size=missing)
        partner = neighbours[base, rng.integers(k_neighbors, size=missing)]
        position = rng.random((missing, 1))
        X_parts.append(rows[base] + position * (rows[partner] - rows[base]))
        y_parts.append(np.repeat(label, missing))
    return np.concatenate(X_parts), np.concatenate(y_parts)
    ### END SOLUTION


# %% [markdown] task="average_precision"
# With so few answered letters, a model that says *nobody* is right most of the time: accuracy does
# not see the event. The **precision-recall curve** does. Its usual summary walks down the
# ranking and adds up the steps,
#
# $$\mathrm{AP} = \sum_n (R_n - R_{n-1})\, P_n,$$
#
# where $P_n$ and $R_n$ are precision and recall when everybody down to the $n$-th distinct score is
# chosen. Rows of equal score cannot be told apart by any threshold, so they make **one** step.
#
# <details><summary>Help: I agree with scikit-learn except for rounded scores</summary>
#
# Then your ties are counted row by row. After sorting, keep only the last row of each run of equal
# scores.
# </details>


# %% task="average_precision" role="solution"
def average_precision(y_true: np.ndarray, scores: np.ndarray) -> float:
    """Step-wise area under the precision-recall curve.

    Parameters
    ----------
    y_true : (n,) array
        0/1 or bool; 1 is the rare event.
    scores : (n,) float array
        Higher means more likely positive; any finite numbers. Equal scores form one step.

    Raises
    ------
    ValueError
        If there are no positives.
    """
    ### BEGIN SOLUTION
    order = np.argsort(-scores, kind="stable")
    hits = np.asarray(y_true, float)[order]
    if hits.sum() == 0:
        raise ValueError("y_true holds no positives, so recall is not defined")
    last_of_run = np.append(np.diff(scores[order]) != 0, True)
    found = np.cumsum(hits)[last_of_run]
    chosen = np.flatnonzero(last_of_run) + 1
    gain = np.diff(found, prepend=0.0) / hits.sum()
    return float((gain * found / chosen).sum())
    ### END SOLUTION


# %% [markdown] task="out_of_fold_probabilities"
# The mistake that ruins most résumé projects on rare events: **resample first, split afterwards**.
# Copies and mixtures of test rows are then in training, and a random forest that learns them by
# heart looks almost perfect. Resampling belongs *inside* the loop, on the training rows of each
# fold. And since a household receives several letters, all of its rows belong on the same side.
#
# `make_model` and `resample` come from outside: any scikit-learn model, and any resampler (yours,
# for instance).
#
# <details><summary>Help: some folds have hardly any positives</summary>
#
# scikit-learn's `StratifiedGroupKFold` keeps groups together *and* spreads the positives.
# </details>
#
# <details><summary>Help: how do I pass <code>rng</code> to scikit-learn?</summary>
#
# Most of it takes a seed, not a generator: draw one, `random_state=int(rng.integers(2**31))`.
# Splitters use `random_state` only with `shuffle=True`.
# </details>


# %% task="out_of_fold_probabilities" role="solution"
def out_of_fold_probabilities(
    make_model, X: np.ndarray, y: np.ndarray, groups: np.ndarray, n_splits: int, resample, rng
) -> np.ndarray:
    """P(y = 1) for every row, by a model that saw no row of its group.

    Parameters
    ----------
    make_model : callable () -> model
        Gives a fresh model with `fit(X, y)` and `predict_proba(X) -> (n, 2)`, whose columns are
        P(y = 0) and P(y = 1); called once per fold.
    X : (n, d) float array
    y : (n,) array of 0 and 1
    groups : (n,) array of ints
        The household of each row; no household is split over training and test.
    n_splits : int
        Number of folds, none of them empty. Each fold's positive rate is within a factor of 2 of
        the whole's where the groups allow it (with dozens of small groups, they do).
    resample : callable (X, y, rng) -> (X, y), or None
        Called once per fold, with that fold's training rows and your `rng` (or a generator made
        from it); the model is fitted on what it returns. Test rows are never resampled.
    rng : numpy.random.Generator
        Decides the folds: another state gives other folds.

    Returns
    -------
    p : (n,) float array
        In the order of the rows.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.
    """
    ### BEGIN SOLUTION
    if len(np.unique(groups)) < n_splits:
        raise ValueError(f"{len(np.unique(groups))} groups cannot fill {n_splits} folds")
    seed = int(rng.integers(2**31))
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
    p = np.full(len(y), np.nan)
    for train, test in folds.split(X, y, groups):
        X_train, y_train = X[train], y[train]
        if resample is not None:
            X_train, y_train = resample(X_train, y_train, rng)
        model = make_model()
        model.fit(X_train, y_train)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p
    ### END SOLUTION


# %% [markdown] task="focal_loss"
# Another remedy changes the loss instead of the data. The **focal loss** (Lin, Goyal, Girshick, He &
# Dollár 2017) was made for detectors that see a thousand background boxes per object: it turns the
# cross-entropy down where the model is already right. With $p_t$ the probability that the model
# gives to the true class, and $\alpha_t = \alpha$ for positives and $1 - \alpha$ for negatives,
#
# $$\mathrm{FL} = -\alpha_t\,(1 - p_t)^\gamma \log p_t,$$
#
# here averaged over all rows.
#
# <details><summary>Help, I get <code>nan</code> or <code>inf</code> for large logits</summary>
#
# `torch.log(torch.sigmoid(-100.))` is minus infinity in float32. `F.logsigmoid`, or
# `F.binary_cross_entropy_with_logits(..., reduction="none")`, computes the logarithm directly.
# </details>
#
# <details><summary>Help: the value is right, the gradient is not</summary>
#
# Something on the way left torch: `.item()`, `.detach()`, `.numpy()`, `torch.tensor(tensor)`.
# </details>


# %% task="focal_loss" role="solution"
def focal_loss(
    logits: torch.Tensor, targets: torch.Tensor, gamma: float, alpha: float
) -> torch.Tensor:
    """Mean binary focal loss.

    Parameters
    ----------
    logits : (n,) float tensor
        Before the sigmoid. Loss and gradient stay finite for logits of +-100.
    targets : (n,) tensor
        0/1 of any dtype, or bool.
    gamma : float
        Focus on rows that are not yet right: 0, which turns it off, or at least 1.
    alpha : float
        Weight of the positive class; 1 - alpha is that of the negative.

    Returns
    -------
    loss : 0-dim tensor
        Dtype of the logits; its gradient with respect to them is that of the formula.
        gamma = 0 and alpha = 0.5 give half the mean cross-entropy.
    """
    ### BEGIN SOLUTION
    targets = targets.to(logits.dtype)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
    # 1 - p_t, as a sigmoid of the logit turned round for positives: exact where p_t is near 1
    p_wrong = torch.sigmoid(torch.where(targets > 0.5, -logits, logits))
    return (alpha_t * p_wrong**gamma * cross_entropy).mean()
    ### END SOLUTION


# %% [markdown] task="correct_prior"
# A model trained on balanced classes believes that every second letter is answered. Its ranking may
# be fine; its **probabilities** are far too high. If training changed nothing but the class
# frequencies, Bayes' rule repairs it exactly (Saerens, Latinne & Decaestecker 2002): training
# multiplied the *odds* by a known factor, so divide it out.
#
# <details><summary>Help: 0 and 1 turn into NaN</summary>
#
# The odds of 1 are infinite. Rearranged, the formula never divides by 1 - p:
# p·a / (p·a + (1 - p)·b), with a the ratio of the positive rates and b that of the negative ones.
# </details>


# %% task="correct_prior" role="solution"
def correct_prior(p: np.ndarray, train_rate: float, true_rate: float) -> np.ndarray:
    """Probabilities of a model that was trained at one positive rate, for a world with another.

    Parameters
    ----------
    p : float array of any shape, () included
        P(y = 1) as the model gives it. 0 and 1 stay; the correction never changes the order.
    train_rate : float
        Positive rate of the rows that the model was trained on.
    true_rate : float
        Positive rate of the world.

    Returns
    -------
    p : float array of the same shape

    Raises
    ------
    ValueError
        If a rate is not strictly between 0 and 1.
    """
    ### BEGIN SOLUTION
    for rate in (train_rate, true_rate):
        if not 0 < rate < 1:
            raise ValueError(f"a positive rate must lie strictly between 0 and 1, got {rate}")
    positive = p * (true_rate / train_rate)
    negative = (1 - p) * ((1 - true_rate) / (1 - train_rate))
    return positive / (positive + negative)
    ### END SOLUTION


# %% [markdown] task="best_threshold"
# A probability is not yet a decision. Not mailing to a household that would have come costs a sale
# (a *miss*, false negative); mailing to one that will not costs postage (a *false alarm*, false
# positive). Given rows with known outcome, find a threshold t such that deciding `p >= t` costs
# least in total, "mail to nobody" and "mail to everybody" included.
#
# <details><summary>Help: which thresholds do I have to try?</summary>
#
# The decision changes only at values that occur in `p`. Between two of them every t decides alike.
# </details>


# %% task="best_threshold" role="solution"
def best_threshold(
    y_true: np.ndarray, p: np.ndarray, false_negative_cost: float, false_positive_cost: float
) -> float:
    """A threshold t that minimises the total cost of deciding `p >= t`.

    Parameters
    ----------
    y_true : (n,) array
        0/1 or bool.
    p : (n,) float array
        Probabilities; equal ones are decided alike.
    false_negative_cost, false_positive_cost : float
        Cost per error, not negative.

    Returns
    -------
    t : float
        Finite; it may lie outside [0, 1]. Where several are optimal, any of them.
    """
    ### BEGIN SOLUTION
    truth = np.asarray(y_true, bool)
    candidates = np.append(np.unique(p), p.max() + 1.0)
    costs = [
        false_negative_cost * np.sum(truth & (p < t))
        + false_positive_cost * np.sum(~truth & (p >= t))
        for t in candidates
    ]
    return float(candidates[np.argmin(costs)])
    ### END SOLUTION


# %% [markdown] task="coupon_model"
# Now the shop. Train on past campaigns a model that predicts later ones. Use anything that you have
# built, or none of it; compare with `out_of_fold_probabilities` before you believe.
#
# Your model is trained on the training campaigns and judged on those that start later (look at their
# labels as little as a shop can, or you fool yourself). Everything is measured against models trained
# in the same run:
#
# - **ranking**: average precision at least 0.85 times that of plain logistic regression;
# - **calibration**: Brier score at most 1.25 times that of plain logistic regression;
# - **cost**: where a miss costs 8 and a false alarm 1, calibrated probabilities imply the threshold
#   1/9. Deciding there, in five-fold cross-validation by household on the training campaigns, may
#   cost at most 0.80 times what an uncorrected class-balanced model costs.
#
# The model is fitted about 20 times, with half a minute of one core for each. Trained on shuffled
# labels it must know nothing.
#
# <details><summary>Help: ranking passes, calibration does not</summary>
#
# Compare your mean probability with the positive rate. If it is two or three times as high, your
# model was trained on balanced classes; see the task `correct_prior`.
# </details>
#
# <details><summary>Help: how do I return an object of my own?</summary>
#
# Any fitted scikit-learn classifier has `predict_proba`. A small class of your own with that method
# serves as well.
# </details>
#
# <details><summary>Help: my torch model needs <code>torch.manual_seed</code></summary>
#
# It moves torch's global state. Inside `with torch.random.fork_rng():` it is put back afterwards.
# </details>


# %% task="coupon_model" role="solution"
def coupon_model(X: np.ndarray, y: np.ndarray, groups: np.ndarray, rng: np.random.Generator):
    """A fitted model of who redeems a coupon.

    Parameters
    ----------
    X : (n, d) float array
        What was known of each letter when it was mailed.
    y : (n,) array of 0 and 1
    groups : (n,) int array
        The household of each row, for splits of your own.
    rng : numpy.random.Generator
        For whatever your model draws at random; a model that draws nothing leaves it alone.

    Returns
    -------
    model : object
        With `predict_proba(X) -> (m, 2)` float array: P(y = 0) and P(y = 1) for each row.
    """
    ### BEGIN SOLUTION
    # Nothing tried here ranks better than this: neither resampling nor weights nor trees.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    return model.fit(X, y)
    ### END SOLUTION


# %% [markdown] question="interview_question"
# ## The interview question
#
# > *"Our fraud model is trained on a set that we balanced with SMOTE. Offline it has an F1 of .92; in
# > production it flags five times as many orders as there are frauds. What happened, how would you
# > find out, and what would you change?"*
#
# Answer in 150-300 words in the cell below, as you would aloud. Use figures of your own from this
# exercise where they help.
#
# === BEGIN MARK SCHEME ===
#
# | points | what the answer shows |
# | --- | --- |
# | 1 | Names the likely leak: resampling before the split puts copies and mixtures of test rows into training, or the score was taken on resampled rows; says how to check (resample inside the fold, split by customer, score original rows). |
# | 1 | Separates ranking from calibration: training at another positive rate shifts all probabilities up, so a fixed threshold flags too many although the ranking may be unharmed. |
# | 1 | Repairs it: odds correction with the true rate, or recalibration on untouched data (and knows that the odds correction fails for trees trained on SMOTE), or no resampling at all. |
# | 1 | Chooses the threshold from costs on untouched validation data of a later period, and says why F1 and accuracy do not decide. |
# | 1 | Measures honestly: PR curve or AP beside a simple baseline, a temporal split, an interval or several seeds; monitors the flag rate and calibration in production. |
#
# A fluent answer without a way to *check* its claims earns at most 3.
#
# === END MARK SCHEME ===

# %% [markdown] name="finish-text"
# ## All together
#
# The table that the grader would make of this notebook's functions, on the public inputs.

# %% name="finish" role="locked"
check("imbalance")
