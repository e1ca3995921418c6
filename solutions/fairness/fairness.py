# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] name="introduction"
# # Fairness: what the labels do not say
#
# A grocery chain wants to know which households will be among its best customers next month: they
# get the better offers. The model learns from a list of who was one, and the list is not fair: the
# people who kept it left out two in five of one group. A model that fits such records well is unfair
# **because** it fits them well, and every figure computed from the same records says that it is fine.
#
# The households and their purchases are real (The Complete Journey). The group and the injustice are
# made by us, from a seed, so that the truth is known and a repair can be measured against it. This
# exercise builds, piece by piece, what an interviewer expects you to know: group measures, proxies,
# the three places where one can intervene (data, loss, ranking), counterfactuals, and a model that
# sees through its labels.
#
# **How it works.** Each task is a function with a contract in its docstring. Replace
# `raise NotImplementedError` by your code and run the `check(...)` cell below it: it says what
# holds, what does not, and why that may be. `hint("group_gaps")` shows a first hint, and each
# further call one more. Your code may use NumPy, SciPy, pandas, scikit-learn and torch, helper
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
import math
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autograder import check, hint

# %% [markdown] name="data"
# ## The data
#
# One row is a household on one of ten monthly days; `X` is what the shop knew on that day, the label
# whether the household is among the quarter that spends most in the 28 days that follow. Then the
# injustice: each household is put into group 0 or 1 by a coin. The group moves three of the features a
# little, and a column `zone` gives it away nine times in ten. **It has nothing to do with what they
# spend.** And of the ones of group 1, two in five are recorded as 0.
#
# The sample is what a shop has. The truth is what only a simulation has: look at it to understand,
# never to train.
# %% name="look"
from shelfspace.data import biased_sample

sample, truth = biased_sample(seed=0)
train = sample.train
print(
    f"{len(train.X):,} training rows, {train.X.shape[1]} features, {len(sample.X_test):,} to predict"
)
for value in (0, 1):
    rows = train.group == value
    print(
        f"group {value}: {rows.sum():,} rows; {train.y_observed[rows].mean():.1%} recorded as best "
        f"customers, {truth.y_train[rows].mean():.1%} in truth"
    )

# %% [markdown] task="group_gaps"
# Before one argues about fairness, one measures it, and there is no single measure. Four gaps between
# groups are asked for most:
#
# - **demographic parity**: how often they are selected, P(decision = 1);
# - **equal opportunity**: how often those are selected who deserve it, the true-positive rate;
# - **equalized odds** (Hardt, Price & Srebro 2016): the true-positive *and* the false-positive rate,
#   so the larger of the two gaps;
# - **accuracy**: how often the decision is right.
#
# Where base rates differ, no useful model closes all of them, and calibration within groups too
# (Chouldechova 2017; Kleinberg, Mullainathan & Raghavan 2016). Which one counts is a decision about
# people, and you should be able to say why you took it.
#
# <details><summary>Help: a group has no positives</summary>
#
# Then it has no true-positive rate: it takes no part in that gap (and still does in the others). It
# is not a group with a rate of 0.
# </details>
#
# <details><summary>Help: more than two groups</summary>
#
# The gap is that between the best and the worst treated group: largest rate minus smallest.
# </details>


# %% task="group_gaps" role="solution"
def group_gaps(y_true: np.ndarray, y_pred: np.ndarray, group: np.ndarray) -> dict:
    """How differently the groups are treated by hard decisions: largest minus smallest rate.

    Parameters
    ----------
    y_true : (n,) array
        What is true: 0/1 ints or bools.
    y_pred : (n,) array
        What was decided: 0/1 ints or bools.
    group : (n,) array
        The group of each row: ints, text (NumPy's dtype `U`) or bools, any number of groups.

    Returns
    -------
    gaps : dict with four floats
        "demographic_parity": of the selection rates (share of rows with y_pred = 1);
        "equal_opportunity": of the true-positive rates (that share among rows with y_true = 1);
        "equalized_odds": the larger of the gap of the true-positive rates and the gap of the
        false-positive rates (the share of y_pred = 1 among rows with y_true = 0); if one of these
        is nan, the other;
        "accuracy": of the shares of rows with y_pred = y_true.
        A group without any row that a rate needs is left out of that rate's gap. With one group
        left a gap is 0, with none nan; so for n = 0 all four are nan.
    """
    ### BEGIN SOLUTION
    truth, decided = np.asarray(y_true, bool), np.asarray(y_pred, bool)
    members = [group == value for value in np.unique(group)]

    def gap(outcome: np.ndarray, among: np.ndarray) -> float:
        rates = [outcome[rows & among].mean() for rows in members if (rows & among).any()]
        return float(max(rates) - min(rates)) if rates else float("nan")

    everyone = np.ones(len(truth), bool)
    true_positive, false_positive = gap(decided, truth), gap(decided, ~truth)
    return {
        "demographic_parity": gap(decided, everyone),
        "equal_opportunity": true_positive,
        "equalized_odds": float(np.fmax(true_positive, false_positive)),
        "accuracy": gap(decided == truth, everyone),
    }
    ### END SOLUTION


# %% [markdown] task="proxy_strength"
# "We do not use the attribute" is the most common answer to a fairness question, and the weakest. If
# the other features give the attribute away, a model can use it without ever seeing it. So measure:
# **how well can the attribute be predicted from what the model sees?** An AUC of 0.5 says not at all,
# 1 says that leaving out the column has changed nothing.
#
# The measurement has its own trap. A household has several rows, which resemble each other. Split by
# rows and the classifier recognises *households*; the attribute then looks predictable even where it
# is a coin toss.
#
# <details><summary>Help: my AUC is below 0.5</summary>
#
# With little data and no relation that happens, and it is to be reported as it is. Taking
# `max(auc, 1 - auc)` turns noise into evidence.
# </details>
#
# <details><summary>Help: how do I pass <code>rng</code> to scikit-learn?</summary>
#
# Most of it takes a seed, not a generator: draw one, `random_state=int(rng.integers(2**31))`.
# Splitters use `random_state` only with `shuffle=True`.
# </details>


# %% task="proxy_strength" role="solution"
def proxy_strength(
    X: np.ndarray, attribute: np.ndarray, households: np.ndarray, rng: np.random.Generator
) -> float:
    """Cross-validated ROC-AUC of predicting a two-valued attribute back from the features.

    Parameters
    ----------
    X : (n, d) float array
        Features, of any scales, finite.
    attribute : (n,) array
        Two different values: ints, text (NumPy's dtype `U`) or bools. Which of them is the positive
        class makes no difference.
    households : (n,) int array
        The household of each row: none may be in training and test at once. There are at least 50
        of them; each value of the attribute belongs to at least 15, and to all rows of those.
    rng : numpy.random.Generator
        Decides the folds: another state gives other folds, and on noisy data another value.

    Returns
    -------
    auc : float
        Of the held-out scores of at least two folds: pooled over all rows, or the mean of the
        folds' AUCs. Linear relations must be found, so that a score to rank by is needed, not a hard
        decision. Below 0.5 where held-out rows are ranked the wrong way round; reported as it is.

    Raises
    ------
    ValueError
        If the attribute has one value only, or more than two.
    """
    ### BEGIN SOLUTION
    values = np.unique(attribute)
    if len(values) != 2:
        raise ValueError(f"the attribute must have two values, got {len(values)}")
    positive = attribute == values[1]
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    scores = np.zeros(len(X))
    for train, test in folds.split(X, positive, households):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        scores[test] = model.fit(X[train], positive[train]).decision_function(X[test])
    return float(roc_auc_score(positive, scores))
    ### END SOLUTION


# %% [markdown] task="reweighing"
# The first place to intervene is the data. **Reweighing** (Kamiran & Calders 2012) leaves every row
# and every label as it is, and gives each a weight such that group and label become independent:
#
# $$w = \frac{P(\text{group})\,P(y)}{P(\text{group}, y)}.$$
#
# A recorded success of the disadvantaged group counts more, one of the other less. Any model that takes
# `sample_weight` can use it. Note what it assumes: that the groups' base rates *should* be equal. Where
# ones were erased, it raises the weight of the ones that are left, but the erased ones still stand
# there as zeros, and the model still learns from them.
#
# <details><summary>Help: how do I see that my weights are right?</summary>
#
# The weighted share of ones, `np.average(y[rows], weights=w[rows])`, must be the same in every group,
# and equal to the plain share in the whole; the weights sum to n.
# </details>


# %% task="reweighing" role="solution"
def reweighing(y: np.ndarray, group: np.ndarray) -> np.ndarray:
    """A weight per row under which label and group are independent.

    Parameters
    ----------
    y : (n,) array
        0/1 ints or bools.
    group : (n,) array
        The group of each row: ints, text (NumPy's dtype `U`) or bools; any number of groups, one
        included.

    Returns
    -------
    weights : (n,) float array
        P(group) P(y) / P(group, y) of the row's group and label, the P being shares of rows: the
        weighted share of ones is the same in every group, and the weights sum to n.

    Raises
    ------
    ValueError
        If some group has no row with y = 1, or none with y = 0.
    """
    ### BEGIN SOLUTION
    label = np.asarray(y).astype(int)
    values, row_group = np.unique(group, return_inverse=True)
    counts = np.zeros((len(values), 2))
    np.add.at(counts, (row_group, label), 1)
    for value, (zeros, ones) in zip(values, counts, strict=True):
        if not zeros or not ones:
            raise ValueError(f"group {value!r} has no row with y = {1 if zeros else 0}")
    independent = counts.sum(1, keepdims=True) * counts.sum(0) / len(label)
    return (independent / counts)[row_group, label]
    ### END SOLUTION


# %% [markdown] task="fair_loss"
# The second place is training: add what you do not want to the loss. The simplest penalty is the
# squared difference of the groups' mean probabilities (a soft form of demographic parity):
#
# $$\mathcal{L} = \frac1n\sum_i \mathrm{CE}(y_i, p_i) +
#   \lambda\,(\bar p_{0} - \bar p_{1})^2.$$
#
# With $\lambda$ one walks along a frontier from the best fit to equal treatment. It must be computed on
# **probabilities**: hard decisions have no gradient, so a penalty on them is decoration.
#
# <details><summary>Help, I get <code>nan</code></summary>
#
# The mean of an empty group is NaN, and a mini-batch may well hold one group only. With logits of
# +-100, `torch.log(torch.sigmoid(z))` is minus infinity in float32:
# `F.binary_cross_entropy_with_logits` computes it directly.
# </details>
#
# <details><summary>Help: the value is right, the gradient is not</summary>
#
# Something on the way left torch: `.item()`, `.detach()`, `.numpy()`, or a comparison such as
# `p > 0.5`.
# </details>


# %% task="fair_loss" role="solution"
def fair_loss(
    logits: torch.Tensor, targets: torch.Tensor, group: torch.Tensor, strength: float
) -> torch.Tensor:
    """Mean cross-entropy, plus a penalty for unequal mean probabilities of two groups.

    Parameters
    ----------
    logits : (n,) float tensor
        Before the sigmoid; n at least 1. Loss and gradient stay finite for logits of +-100.
    targets : (n,) tensor
        0/1 of any dtype, or bool.
    group : (n,) int64 or bool tensor
        Two different values, any ints, or one only.
    strength : float
        Weight of the penalty; 0 or more.

    Returns
    -------
    loss : 0-dim tensor
        The mean binary cross-entropy of all rows + strength * (mean probability of the one group -
        mean probability of the other) ** 2; dtype of the logits. Its gradient with respect to them
        is that of the formula. With one group only, the cross-entropy alone.

    Raises
    ------
    ValueError
        If there are more than two groups.
    """
    ### BEGIN SOLUTION
    values = torch.unique(group)
    if len(values) > 2:
        raise ValueError(f"at most two groups can be compared, got {len(values)}")
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    if len(values) < 2:
        return loss
    p = torch.sigmoid(logits)
    gap = p[group == values[0]].mean() - p[group == values[1]].mean()
    return loss + strength * gap**2
    ### END SOLUTION


# %% [markdown] task="corrected_loss"
# Reweighing and penalties make groups *equal*. But if you know **how** the labels came to be wrong, you
# can do better: fit what was recorded by a model of the recording. Let p be the probability of a real
# one. Of group 1 a real one is recorded with probability 1 - rate, so
#
# $$P(\text{recorded } 1) = (1 - \text{rate}\cdot[\text{group} = 1])\;p.$$
#
# Take the cross-entropy of the recorded labels under *that* probability (the **forward correction** of
# Patrini, Rozza, Menon, Nock & Qu 2017): at its minimum, p is the probability of the truth, although
# no true label was ever seen.
#
# <details><summary>Help, I get <code>inf</code> or <code>nan</code> for large logits</summary>
#
# Stay with logarithms. log((1 - rate) p) is `log1p(-rate) + F.logsigmoid(logits)`; and
# 1 - (1 - rate) p = (1 - p) + rate · p is a sum of two positive terms, whose logarithm
# `torch.logaddexp` computes from theirs.
# </details>


# %% task="corrected_loss" role="solution"
def corrected_loss(
    logits: torch.Tensor, targets: torch.Tensor, group: torch.Tensor, erased_rate: float
) -> torch.Tensor:
    """Mean cross-entropy of recorded labels, of which group 1's ones were erased at a known rate.

    Parameters
    ----------
    logits : (n,) float tensor
        Of the probability p of a *true* one; n at least 1. Loss and gradient stay finite, and right,
        for logits of +-100.
    targets : (n,) tensor
        The recorded labels: 0/1 of any dtype, or bool.
    group : (n,) int64 or bool tensor
        0 or 1 per row; one of them may be missing.
    erased_rate : float
        Probability with which a true 1 of group 1 was recorded as 0. Nothing else was changed.

    Returns
    -------
    loss : 0-dim tensor
        Mean binary cross-entropy of the targets, where the probability of a recorded 1 is
        (1 - erased_rate) * p in group 1, and p in group 0; dtype of the logits. Its gradient with
        respect to them is that of the formula. A rate of 0 gives plain cross-entropy.

    Raises
    ------
    ValueError
        If erased_rate is not in [0, 1).
    """
    ### BEGIN SOLUTION
    if not 0 <= erased_rate < 1:
        raise ValueError(f"erased_rate must lie in [0, 1), got {erased_rate}")
    log_p, log_not_p = F.logsigmoid(logits), F.logsigmoid(-logits)
    if erased_rate == 0:
        log_one, log_zero = log_p, log_not_p
    else:
        affected = group == 1
        log_one = torch.where(affected, log_p + math.log1p(-erased_rate), log_p)
        missed = torch.logaddexp(log_not_p, log_p + math.log(erased_rate))
        log_zero = torch.where(affected, missed, log_not_p)
    return -torch.where(targets > 0, log_one, log_zero).mean()
    ### END SOLUTION


# %% [markdown] task="counterfactual_gap"
# **Counterfactual fairness** (Kusner, Loftus, Russell & Silva 2017) asks of each person: would the
# decision have been another, had the attribute been another? The hard part is not the arithmetic but
# the *intervention*. Whoever flips only the column asks what the model does with that cell. In the world
# in which the attribute had been another, the zone would have been another too, and so would every
# feature that the attribute moves. `intervene` stands for such a world, and whoever writes it has to know
# the causes; no data set tells them.
#
# <details><summary>Help: my value is too small</summary>
#
# Absolute values first, mean afterwards: a household that gains and one that loses do not cancel.
# </details>


# %% task="counterfactual_gap" role="solution"
def counterfactual_gap(predict, X: np.ndarray, intervene) -> float:
    """How much predictions change, in the mean, in the world of an intervention.

    Parameters
    ----------
    predict : callable (n, d) array -> (n,) float array
        Scores of rows. It may look at all rows at once (ranks, for instance), so hand it whole
        tables.
    X : (n, d) float array
        n at least 1.
    intervene : callable (n, d) array -> (n, d) array
        The same rows in the world in which the attribute had been another, with all that it
        causes. It returns a new array, and may look at all rows at once, too.

    Returns
    -------
    gap : float
        Mean over the rows of |predict(intervene(X)) - predict(X)|.
    """
    ### BEGIN SOLUTION
    return float(np.mean(np.abs(predict(intervene(X)) - predict(X))))
    ### END SOLUTION


# %% [markdown] task="rerank_for_exposure"
# A marketplace has two sides. Those who are shown, small suppliers for instance, live on **exposure**,
# and a ranking by score may give them nearly none, though their products are only a little worse
# (Singh & Joachims 2018). A place at rank r is worth $1 / \log_2(r + 1)$ of attention; the *share* of
# the flagged items is the sum of what their places are worth, over what all places of all lists are worth.
#
# The gentlest repair after training is **one** bonus on the scores of all flagged items: within the flagged
# and within the others every order stays, and everybody's list changes only where the two were close.
# Look for the smallest bonus that brings the share into the band, so that relevance suffers least.
#
# <details><summary>Help: the share jumps, I never hit the target</summary>
#
# It is a staircase: it changes only where a flagged item overtakes another one. Any share within 0.05 of
# the target will do. Bisect on "is it high enough?".
# </details>
#
# <details><summary>Help: which way?</summary>
#
# If the share is too large without a bonus, the bonus is negative. If it is in the band, the bonus is 0.
# </details>


# %% task="rerank_for_exposure" role="solution"
def rerank_for_exposure(
    scores: np.ndarray, flagged: np.ndarray, target_share: float, k: int
) -> np.ndarray:
    """Each user's k best items, after the smallest bonus that gives flagged items their exposure.

    Parameters
    ----------
    scores : (n_users, n_items) float array
        Finite, of any sign and scale.
    flagged : (n_items,) bool array
        Whose exposure is to be set.
    target_share : float
        Between 0 and 1: the wanted share of exposure. A place at rank r, counted from 1, is worth
        1 / log2(r + 1); the share is what flagged items' places are worth over what all places are
        worth, the lists of all users taken together.
    k : int
        Length of the lists; at least 1 and at most n_items.

    Returns
    -------
    items : (n_users, k) int array
        Item numbers, best first, by the scores with one bonus, the same for all users, added to
        those of the flagged items; equal scores by the lower item number. The bonus, positive or
        negative, is the smallest in size that brings the share within 0.05 of target_share: 0 where
        the share is there already. (One that is larger by up to a millionth of the scores' range
        serves as well. Scores of which a flagged and another item's are equal exactly at that bonus,
        as with whole numbers, are not tested.)

    Raises
    ------
    ValueError
        If no bonus brings the share within 0.05 of target_share.
    """
    ### BEGIN SOLUTION
    worth = 1 / np.log2(np.arange(2, k + 2))

    def lists(bonus: float) -> np.ndarray:
        return np.argsort(-(scores + bonus * flagged), axis=1, kind="stable")[:, :k]

    def share(bonus: float) -> float:
        return float((flagged[lists(bonus)] * worth).sum() / (len(scores) * worth.sum()))

    low, high = target_share - 0.05, target_share + 0.05
    if low <= share(0.0) <= high:
        return lists(0.0)
    sign = 1 if share(0.0) < low else -1

    def enough(size: float) -> bool:
        return share(size) >= low if sign > 0 else share(-size) <= high

    outside, inside = 0.0, float(np.ptp(scores)) + 1.0  # with the latter, all or none come first
    if enough(inside):
        for _ in range(80):
            middle = (outside + inside) / 2
            outside, inside = (outside, middle) if enough(middle) else (middle, inside)
        if low <= share(sign * inside) <= high:
            return lists(sign * inside)
    raise ValueError(f"no bonus brings the share of exposure within 0.05 of {target_share}")
    ### END SOLUTION


# %% [markdown] task="fair_model"
# Now the shop. You get what it has: features, **recorded** labels, and the group of the training rows.
# You know two things besides: that the group has nothing to do with spending, and that of group 1 a
# part of the ones, unknown to you, was erased at random. When the model is used, the group is not
# available (in many places the law forbids it), but `zone` and three other features still tell of it.
#
# Your model is judged on the *true* labels of later months, which nobody has outside a simulation, and
# beside two models trained in the same run: the **oracle**, a logistic regression that was trained on
# the true labels, and the **unaware** model, the same regression on the recorded ones. Decided is for the
# quarter of the rows with the largest probabilities. In the mean of five samples:
#
# - **what is left of the injustice**: the gap between the groups' true-positive rates, measured from the
#   oracle's, is at most 0.25 times the unaware model's;
# - **utility**: the AUC is at least 0.004 above the unaware model's. Fairness does not cost accuracy
#   here: it was injustice that cost it;
# - **calibration**: in each group the mean probability is within 0.04 of the true share of ones.
#
# Where another share than two in five was erased, group 1 must still be calibrated to 0.07; and trained
# on another label, the model must predict that one. It is fitted about fifteen times, with half a minute
# of one core for each.
#
# <details><summary>Help: my gap is closed, my AUC is not better</summary>
#
# Then you moved thresholds or means: the two groups are selected equally often, but each is still
# ranked by a model that believes the recorded zeros.
# </details>
#
# <details><summary>Help: how do I return an object of my own?</summary>
#
# A small class with `predict_proba` serves, or `SimpleNamespace(predict_proba=...)` with a function of
# yours; so does any fitted scikit-learn classifier.
# </details>
#
# <details><summary>Help: my torch model needs <code>torch.manual_seed</code></summary>
#
# It moves torch's global state. Inside `with torch.random.fork_rng():` it is put back afterwards. A
# linear model that starts from zeros needs no random numbers at all.
# </details>


# %% task="fair_model" role="solution"
def fair_model(X: np.ndarray, y_observed: np.ndarray, group: np.ndarray, rng: np.random.Generator):
    """A fitted model of the true label, from labels of which group 1's ones were partly erased.

    Parameters
    ----------
    X : (n, d) float array
        What was known of a household on a day; no missing values. The group is no column of it.
    y_observed : (n,) int array of 0 and 1
        The recorded labels. In group 1 a true 1 was recorded as 0 with a probability that you have
        to find out; it lies between 0.1 and 0.75. The true labels are independent of the group.
    group : (n,) int array of 0 and 1
        Known for training only.
    rng : numpy.random.Generator
        For whatever your model draws at random; a model that draws nothing leaves it alone.

    Returns
    -------
    model : object
        With `predict_proba(X) -> (m, 2)` float array: probability of a *true* 0 and of a true 1 for
        each row. It is handed X alone.
    """
    ### BEGIN SOLUTION
    erased_rate = 1 - y_observed[group == 1].mean() / y_observed[group == 0].mean()
    erased_rate = float(np.clip(erased_rate, 0.0, 0.95))
    mean, scale = X.mean(0), X.std(0) + 1e-9
    features = torch.from_numpy((X - mean) / scale)
    labels, groups = torch.from_numpy(y_observed), torch.from_numpy(group)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = corrected_loss(features @ w + b, labels, groups, erased_rate)
        loss = loss + 1e-3 * (w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    weights, bias = w.detach().numpy(), float(b.detach())

    def predict_proba(rows: np.ndarray) -> np.ndarray:
        logits = (rows - mean) / scale @ weights + bias
        p = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
        return np.column_stack([1 - p, p])

    return SimpleNamespace(predict_proba=predict_proba)
    ### END SOLUTION


# %% [markdown] name="compare-text"
# ## What is it worth?
#
# The cell below stands where no shop can stand: it has the truth. Three models of one sample, on its later
# months: the regression that is trained on the records, the same with your weights, and yours. Read
# the columns as an interviewer would. Which model would you have chosen by its AUC on the *recorded*
# training labels? The last column is the counterfactual gap, in the world in which every household had
# been in the other group; nobody could compute it from the sample alone.


# %% name="compare"
def report(name, predict):
    recorded, true = roc_auc_score(train.y_observed, predict(train.X)), predict(sample.X_test)
    chosen = true > np.quantile(true, 0.75)
    gaps = group_gaps(truth.y_test, chosen, truth.group_test)
    moved = counterfactual_gap(predict, sample.X_test, lambda X: truth.X_test_other_group)
    print(
        f"{name:>10}: AUC recorded {recorded:.3f}, true {roc_auc_score(truth.y_test, true):.3f}; "
        f"gap in selection {gaps['demographic_parity']:.3f}, in opportunity "
        f"{gaps['equal_opportunity']:.3f}; counterfactual {moved:.3f}"
    )


def regression(weights=None):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    model.fit(train.X, train.y_observed, logisticregression__sample_weight=weights)
    return lambda X: model.predict_proba(X)[:, 1]


try:
    mine = fair_model(train.X, train.y_observed, train.group, np.random.default_rng(0))
    report("unaware", regression())
    report("reweighed", regression(reweighing(train.y_observed, train.group)))
    report("yours", lambda X: mine.predict_proba(X)[:, 1])
except NotImplementedError:
    print("Solve the tasks first.")

# %% [markdown] question="interview_question"
# ## The interview question
#
# > *"Our credit model does not use gender, and its AUC is the same for women and men. A journalist shows
# > that women are granted fewer loans. Is the model unfair? How would you find out, and what would you
# > change?"*
#
# Answer in 150-300 words in the cell below, as you would aloud. Use figures of your own from this
# exercise where they help.
#
# === BEGIN MARK SCHEME ===
#
# | points | what the answer shows |
# | --- | --- |
# | 1 | Unaware is not fair: other features are proxies. Says how to measure that (predict the attribute back, split by person), and that a counterfactual which flips the column only shows nothing. |
# | 1 | Names the measure and why: a selection gap may come from base rates; equal opportunity, equalized odds and calibration within groups answer other questions and cannot all hold where base rates differ; equal AUC says nothing of thresholds or of calibration. |
# | 1 | Doubts the labels: repayment is known only for loans granted, past decisions are in the records; a measure taken on biased labels approves the biased model. Says what would show it (an audit sample, randomised approvals, a model of how labels arise). |
# | 1 | Chooses a repair that fits the cause: data (weights, collection), loss (penalty, corrected likelihood), decision (thresholds by group, and that using the attribute there may be illegal); says what it costs and for whom. |
# | 1 | Measures honestly: intervals by resampling persons, small groups, intersections; a decision with those responsible about the trade-off; monitoring after release. |
#
# A fluent answer without a way to *check* its claims earns at most 3.
#
# === END MARK SCHEME ===

# %% [markdown] name="finish-text"
# ## All together
#
# The table that the grader would make of this notebook's functions, on the public inputs.

# %% name="finish" role="locked"
check("fairness")
