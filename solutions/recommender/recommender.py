# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] name="introduction"
# # Recommendation: what will this household buy for the first time?
#
# A grocery chain knows what 2,283 households put into their baskets, week by week, for a year. Most
# of what a household buys next month it has bought before, and any list of its habits predicts that.
# What earns money is the rest: **a kind of product that the household has never bought**, shown at
# the right moment. You are to rank, for every household, the product types it does not yet know.
#
# The data are real (The Complete Journey). This exercise builds, piece by piece, what an interviewer
# expects you to know about large-scale recommendation: an honest split in time, ranking metrics, the
# contrastive loss of a two-tower model with its logQ correction, a history turned into a vector,
# exact retrieval, neighbours as social signal, the fusion of several rankers, and a two-tower model
# that has to stand beside a strong simple baseline.
#
# **How it works.** Each task is a function with a contract in its docstring. Replace
# `raise NotImplementedError` by your code and run the `check(...)` cell below it: it says what
# holds, what does not, and why that may be. `hint("sampled_softmax")` shows a first hint, and each
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
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import nn

from autograder import check, hint

# %% [markdown] name="data"
# ## The data
#
# Fuel, coupons and the like are left out. An **item** is a product type (*fluid milk*, *ice cream*);
# the types are those that ten or more households had bought before week 45. A **household** is kept
# if it had filled five baskets by then. Weeks 1-44 are for learning and 45-48 for choosing
# (validation); weeks 49-53 are the test, looked at once per finished model.
#
# Two tasks hide in "predict what they buy": **all** purchases of the coming weeks, and the **new** ones
# only, of types that the household never bought before.
# %% name="look"
from shelfspace.baselines import EASE, log_counts
from shelfspace.data import TEST_WEEK, VALIDATION_WEEK, load_purchases

purchases = load_purchases("product_type")
events = purchases.events
print(
    f"{len(events):,} purchases of {purchases.n_items:,} product types by "
    f"{purchases.n_households:,} households in weeks 1-{events['week'].max()}"
)
pairs = events[["household", "item", "week"]].drop_duplicates()
before = pairs[pairs["week"] < VALIDATION_WEEK][["household", "item"]].drop_duplicates()
after = pairs[pairs["week"].between(VALIDATION_WEEK, VALIDATION_WEEK + 3)]
after = after[["household", "item"]].drop_duplicates()
known = len(after.merge(before))
print(
    f"Of what households buy in weeks 45-48, {known / len(after):.0%} of the types they had "
    "bought before."
)

# %% [markdown] task="temporal_split"
# Whatever predicts the future must be trained on the past. Draw the line at a **week**, never at
# random rows: a random split asks the model to fill gaps in a year that it has already seen, and
# every model looks better than it will be. Everything before the cut is the history; what the same
# households buy in the `horizon` weeks from the cut on is to be predicted.
#
# <details><summary>Help: who belongs to the targets?</summary>
#
# Only households with a history: of the others the model knows nothing, so that they are another
# problem (cold start). A household without targets is still part of the history, since others learn
# from it.
# </details>
#
# <details><summary>Help: my columns or rows come back in another order</summary>
#
# Select with a boolean mask, `events[mask]`. Merging and grouping sort rows and move columns.
# </details>


# %% task="temporal_split" role="solution"
def temporal_split(
    events: pd.DataFrame, cut_week: int, horizon: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What was known before a week, and what was bought in the weeks from then on.

    Parameters
    ----------
    events : DataFrame
        One row per purchase, in any order; columns `household_id`, `item_id` and `week` (ints), and
        possibly others. A household may buy an item many times, in one week too.
    cut_week : int
        The first week that is to be predicted.
    horizon : int
        How many weeks are to be predicted; at least 1.

    Returns
    -------
    history : DataFrame
        All rows with week < cut_week, of all households.
    targets : DataFrame
        The rows with cut_week <= week < cut_week + horizon of households that are in history.
        Both have all columns of events, in their order, and the chosen rows in theirs; either may be
        empty. Their index does not matter.
    """
    ### BEGIN SOLUTION
    week = events["week"]
    history = events[week < cut_week]
    known = events["household_id"].isin(history["household_id"])
    targets = events[(week >= cut_week) & (week < cut_week + horizon) & known]
    return history, targets
    ### END SOLUTION


# %% [markdown] task="ndcg_recall"
# Two figures for one ranked list. **Recall@k**: how many of the items bought later are among the
# first k. **NDCG@k** asks also how far up: a hit at rank r is worth $1 / \log_2(r + 1)$, and the sum
# is divided by that of the best possible list,
#
# $$\mathrm{NDCG@}k = \frac{\sum_{r \le k} [\text{item } r \text{ is relevant}] / \log_2(r + 1)}
#                          {\sum_{r \le \min(k, n)} 1 / \log_2(r + 1)}, \qquad
#   \mathrm{Recall@}k = \frac{\text{hits among the first } k}{\min(k, n)}$$
#
# with n the number of relevant items. Nobody can place more than k items in a list of k, so both
# ideals stop at min(k, n): a perfect list scores 1. (Libraries differ here, and so do papers.)
#
# <details><summary>Help: what is the use of the repeated items?</summary>
#
# Some recommenders emit an item twice. The second appearance is no second hit, but it occupies a
# place of the list all the same: what follows is not moved up.
# </details>


# %% task="ndcg_recall" role="solution"
def ndcg_recall(ranked, relevant, k: int) -> tuple[float, float]:
    """NDCG@k and recall@k of one ranked list, with binary relevance.

    Parameters
    ----------
    ranked : list, tuple or (m,) array
        Item ids (ints or strings), best first; m may be smaller or larger than k. A repeated item
        counts once, at its first place; its later places stay used up.
    relevant : list, tuple, set or array
        Ids of the items that were bought, in any order; an id that stands there twice counts once.
    k : int
        Length of the list that is shown.

    Returns
    -------
    ndcg : float
        Gain 1 / log2(rank + 1) of each hit, rank from 1, divided by that of the ideal list, which
        has min(k, number of relevant items) hits.
    recall : float
        Hits among the first k, divided by min(k, number of relevant items).
        Both are NaN where no item is relevant.

    Raises
    ------
    ValueError
        If k is smaller than 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    wanted = set(np.asarray(list(relevant)).tolist())
    if not wanted:
        return float("nan"), float("nan")
    gain, found = 0.0, set()
    for rank, item in enumerate(np.asarray(list(ranked)).tolist()[:k], start=1):
        if item in wanted and item not in found:
            found.add(item)
            gain += 1 / np.log2(rank + 1)
    best = min(k, len(wanted))
    ideal = (1 / np.log2(np.arange(2, best + 2))).sum()
    return float(gain / ideal), len(found) / best
    ### END SOLUTION


# %% [markdown] task="sampled_softmax"
# The loss of a **two-tower** model. One tower turns a household into a vector, the other an item; a
# batch holds n pairs (household, item bought), and each household has to pick its own item out of the
# n items of the batch. With temperature $\tau$ and $s_{ij} = u_i \cdot v_j / \tau$,
#
# $$\mathcal{L} = -\frac{1}{n} \sum_i \log
#   \frac{\exp(s_{ii} - \log q_i)}{\sum_j \exp(s_{ij} - \log q_j)}.$$
#
# The negatives of a batch are not drawn uniformly: an item stands there as often as it is bought. A
# popular item is therefore a negative for everybody, and without correction the model learns to push
# it down. The **logQ correction** (Yi et al. 2019) subtracts the logarithm of the probability
# $q_j$ of meeting the item in a batch, in *every* column, the positive's included.
#
# And an item may stand in a batch twice. In row i, another column with the same item is no
# negative but an **accidental hit**: leave it out of the sum.
#
# <details><summary>Help, I get <code>inf</code> or <code>nan</code></summary>
#
# `torch.exp(100 / 0.01)` is infinite. `F.cross_entropy(logits, labels)` and `torch.logsumexp`
# subtract the largest logit first. A masked logit is minus infinity *before* the softmax; times zero
# it would be NaN.
# </details>
#
# <details><summary>Help: along which axis does the softmax go?</summary>
#
# Rows are households, columns items: each household chooses among the items of the batch.
# </details>


# %% task="sampled_softmax" role="solution"
def sampled_softmax(
    users: torch.Tensor,
    items: torch.Tensor,
    item_ids: torch.Tensor,
    log_q: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    """Mean softmax cross-entropy over the items of a batch, corrected for how they were sampled.

    Parameters
    ----------
    users, items : (n, d) float tensors
        Row i of items belongs to the item that the household of row i bought: its positive. Used as
        they are, not normalised.
    item_ids : (n,) int64 tensor
        Which item each row of items is. Where column j has the same id as the positive of row i and
        j is not i, row i leaves column j out of its softmax.
    log_q : (n,) float tensor
        Logarithm of each column's probability of being sampled.
    temperature : float
        The logit of row i and column j is users[i] . items[j] / temperature - log_q[j], for every
        column, the positive included.

    Returns
    -------
    loss : 0-dim tensor
        Mean over the rows; dtype of users. Its gradient flows into users and into items. Finite for
        logits of some thousands; 0 for n = 1.
    """
    ### BEGIN SOLUTION
    logits = users @ items.T / temperature - log_q
    twin = item_ids[:, None] == item_ids[None, :]
    itself = torch.eye(len(item_ids), dtype=torch.bool)
    logits = logits.masked_fill(twin & ~itself, -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(item_ids)))
    ### END SOLUTION


# %% [markdown] task="pool_history"
# A household's history is a list of vectors, of another length for everybody, so a batch is padded
# to the longest. The simplest pooling that respects time is a mean in which a purchase counts half
# as much with every **half-life** that has passed since:
#
# $$\mathrm{pool} = \frac{\sum_t w_t x_t}{\sum_t w_t}, \qquad w_t = 2^{-\text{age}_t / h}.$$
#
# Two things break it in practice. Padding must not count, whatever stands there. And a household that
# has been away for years has weights that are all zero in floating point, though their *ratios* are
# fine.
#
# <details><summary>Help: NaN from the padding comes through</summary>
#
# `0 * nan` is NaN. Replace the padding before you multiply: `torch.where(mask[..., None], vectors,
# 0.0)`, and likewise its ages.
# </details>
#
# <details><summary>Help: a household that was away for long gives zeros or NaN</summary>
#
# A mean does not change when all weights are multiplied by one number. Subtract the smallest real age
# of the row from all of its ages first, or use a softmax.
# </details>


# %% task="pool_history" role="solution"
def pool_history(
    vectors: torch.Tensor, mask: torch.Tensor, ages: torch.Tensor, half_life: float
) -> torch.Tensor:
    """The time-weighted mean of each row's real vectors.

    Parameters
    ----------
    vectors : (b, t, d) float tensor
        t at least 1 places for each of b histories.
    mask : (b, t) bool tensor
        True where a place is real; the others are padding, anywhere in the row. There, vectors and
        ages may hold anything, NaN included.
    ages : (b, t) float tensor
        Time since each purchase, not negative; unit of half_life.
    half_life : float
        Above 0. The weight of a place is 0.5 ** (age / half_life).

    Returns
    -------
    pooled : (b, d) tensor
        Weighted mean, dtype of vectors; zeros for a history without real places. Right also where
        every age of a row is thousands of half-lives. Its gradient flows into vectors; that of the
        padding is 0.
    """
    ### BEGIN SOLUTION
    real = mask.unsqueeze(-1)
    youngest = ages.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
    age = torch.where(mask, ages - youngest, 0.0)
    weights = torch.where(mask, 0.5 ** (age / half_life), 0.0).to(vectors.dtype).unsqueeze(-1)
    total = (weights * torch.where(real, vectors, 0.0)).sum(1)
    return total / weights.sum(1).where(mask.any(1, keepdim=True), 1.0)
    ### END SOLUTION


# %% [markdown] task="recommend"
# Retrieval: the k items with the largest dot product, for every household, without those it knows.
# With 2,283 households and 1,616 types one matrix product does it. With a million of each, that
# matrix has 10^12 cells: work on **blocks** of a few hundred households at a time.
#
# <details><summary>Help: lists come out shorter than k</summary>
#
# Then you have taken the top k first and removed the known items afterwards. Give known items a score
# of minus infinity *before* you choose.
# </details>
#
# <details><summary>Help: ties come out in another order</summary>
#
# `np.argsort(-scores, kind="stable")` keeps equal scores in the order of their index; the default
# sort, `argpartition` and `torch.topk` promise no order.
# </details>


# %% task="recommend" role="solution"
def recommend(user_vectors: np.ndarray, item_vectors: np.ndarray, seen: list, k: int) -> np.ndarray:
    """The k best unseen items of each user, best first.

    Parameters
    ----------
    user_vectors : (n, d) float array
    item_vectors : (n_items, d) float array
        The score of an item for a user is the dot product of their vectors; any finite numbers.
    seen : list of n collections
        For each user the indices of the items that must not appear: a list, set or int array, in any
        order, possibly empty.
    k : int
        At least 1.

    Returns
    -------
    items : (n, k) int array
        Row numbers of item_vectors, best first; no search by approximation. Equal scores are ordered
        by the lower index. At no time are more than a block of users' scores held: n x n_items may
        not fit into memory.

    Raises
    ------
    ValueError
        If some user has fewer than k unseen items.
    """
    ### BEGIN SOLUTION
    n_items, block = len(item_vectors), 256
    chosen = np.empty((len(user_vectors), k), np.int64)
    for start in range(0, len(user_vectors), block):
        scores = user_vectors[start : start + block] @ item_vectors.T
        for row in range(len(scores)):
            known = np.fromiter(seen[start + row], np.int64)
            if n_items - len(np.unique(known)) < k:
                raise ValueError(f"user {start + row} has fewer than {k} unseen items")
            scores[row, known] = -np.inf
        chosen[start : start + block] = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return chosen
    ### END SOLUTION


# %% [markdown] task="neighbour_scores"
# Recommenders rest on three signals: what an item *is* (content), what you *did* (behaviour), and
# what people like you do (**social**). A grocer has no friend lists, but households that shop alike
# are neighbours all the same. For household i, with $\cos_{ij}$ the cosine of two rows of the
# purchase matrix and $N_i$ the k households most similar to it,
#
# $$s_i = \sum_{j \in N_i} \cos_{ij}\, x_j.$$
#
# <details><summary>Help: everybody's own purchases are at the top</summary>
#
# A row's most similar row is itself, with a cosine of 1. It is not its own neighbour: leave it out.
# (Items that the household owns *and* its neighbours buy keep their score; who masks them is
# `recommend`.)
# </details>
#
# <details><summary>Help, I get <code>nan</code></summary>
#
# The norm of an empty row is zero. Divide by 1 there.
# </details>


# %% task="neighbour_scores" role="solution"
def neighbour_scores(purchases, k: int):
    """For each household the sum of its nearest households' purchases, weighted by the cosine.

    Parameters
    ----------
    purchases : (n, n_items) float array, or SciPy sparse matrix or array
        Counts or weights, not negative, used as they are.
    k : int
        How many neighbours, at least 1; more than n - 1 means all others.

    Returns
    -------
    scores : (n, n_items) array or sparse matrix of floats
        Row i is the sum, over the k other households with the highest cosine to row i, of cosine
        times their row. A household is never its own neighbour, a duplicate of it may be. Items that
        the household has itself are kept. An empty household gets zeros, and adds nothing to others.
        Which of equally similar households is taken does not matter.
    """
    ### BEGIN SOLUTION
    rows = sparse.csr_matrix(purchases, dtype=float)
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(1)).ravel())
    unit = sparse.diags_array(1 / np.where(norms > 0, norms, 1.0)) @ rows
    cosine = (unit @ unit.T).toarray()
    np.fill_diagonal(cosine, -np.inf)
    k = min(k, len(norms) - 1)
    nearest = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    weights = np.zeros_like(cosine)
    np.put_along_axis(weights, nearest, np.take_along_axis(cosine, nearest, 1), 1)
    return weights @ rows
    ### END SOLUTION


# %% [markdown] task="fuse_rankings"
# Rankers with scores on different scales cannot be added up, their *ranks* can. **Reciprocal-rank
# fusion** (Cormack, Clarke & Büttcher 2009) gives an item $w / (k + \text{rank})$ from each ranking
# that holds it; k = 60 keeps a single first place from deciding everything.
#
# <details><summary>Help: which rank does a repeated item have?</summary>
#
# Its best, the first. What comes after the repetition keeps the place at which it stands.
# </details>


# %% task="fuse_rankings" role="solution"
def fuse_rankings(rankings: list[list], weights: list[float], k: int = 60) -> list:
    """All items of several rankings, in the order of their weighted reciprocal-rank sums.

    Parameters
    ----------
    rankings : list of lists
        Item ids (ints or strings) in each, best first; lengths may differ, and a list may be empty.
    weights : list of float
        One per ranking, not negative.
    k : int
        An item at rank r of a ranking, counted from 1, gains weight / (k + r). A repetition within
        one ranking gains nothing, but occupies its rank.

    Returns
    -------
    fused : list
        Every item once, largest sum first. Equal sums are ordered by first appearance: the earlier
        ranking, and within it the earlier place.

    Raises
    ------
    ValueError
        If there are not as many weights as rankings.
    """
    ### BEGIN SOLUTION
    if len(rankings) != len(weights):
        raise ValueError(f"{len(rankings)} rankings, but {len(weights)} weights")
    sums: dict = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        best: dict = {}
        for rank, item in enumerate(ranking, start=1):
            best.setdefault(item, rank)
        for item, rank in best.items():
            sums[item] = sums.get(item, 0.0) + weight / (k + rank)
    return sorted(sums, key=lambda item: -sums[item])
    ### END SOLUTION


# %% [markdown] name="baselines-text"
# ## What is there to beat?
#
# Before you train anything, measure what needs no training. The cell below uses your `recommend` and
# your `ndcg_recall` on weeks 45-48:
#
# - **popularity**: how many households bought the item;
# - **own frequency**: how often the household itself did (it has nothing to say on new items);
# - **uptake**: which items are *being taken up*. Of the households that lacked an item eight weeks
#   ago, how many have bought it since? With $a_i$ of them and $m_i$ still without it, the rate
#   $r_i = a_i / (m_i + 50) + 0.003$ (the constants keep rare items from the extremes);
# - **EASE** (Steck 2019): linear regression of every item on all others, in closed form.
#
# Look at the two halves of the table: a figure on *all* purchases says next to nothing about *new*
# ones, and who is best changes. (Weeks 45-48 have been used to choose EASE's strength.)


# %% name="baselines"
def figures(users, items, counts, bought, only_new):
    """Mean NDCG@20 and recall@20 of lists by dot product, in the weeks of `bought`."""
    owned = [np.flatnonzero(row) for row in counts]
    seen = owned if only_new else [[] for _ in counts]
    lists = recommend(users, items, seen, 20)
    wanted = bought & (counts == 0) if only_new else bought
    each = [
        ndcg_recall(ranked, np.flatnonzero(row), 20)
        for ranked, row in zip(lists, wanted, strict=True)
    ]
    return np.nanmean(np.array(each), axis=0)


def counts_of(first_week, last_week):
    """In how many of these weeks each household bought each item."""
    chosen = pairs[pairs["week"].between(first_week, last_week)]
    counts = np.zeros((purchases.n_households, purchases.n_items))
    np.add.at(counts, (chosen["household"], chosen["item"]), 1.0)
    return counts


def simple_rankers(history, before):
    """Vectors of rankers that need no training; `before` is the history of eight weeks earlier."""
    had, has = before > 0, history > 0
    uptake = (has & ~had).sum(0) / ((~has).sum(0) + 50) + 0.003
    logs = log_counts(history).toarray()
    weights = EASE(3000.0, form="primal").fit(log_counts(history)).item_weights.T
    one = np.ones((len(history), 1))
    return {
        "popularity": (one, np.log1p(has.sum(0))[:, None]),
        "own frequency": (history, np.eye(history.shape[1])),
        "uptake": (one, np.log(uptake)[:, None]),
        "EASE": (logs, weights),
        "EASE x sqrt(uptake)": (logs, weights * np.sqrt(uptake)[:, None]),
    }


try:
    history, bought = counts_of(1, 44), counts_of(45, 48) > 0
    rankers = simple_rankers(history, counts_of(1, 36))
    rows = {
        (name, which): figures(*vectors, history, bought, which == "new")
        for name, vectors in rankers.items()
        for which in ("all", "new")
    }
    table = pd.DataFrame(rows, index=["NDCG@20", "recall@20"]).T.unstack()
    print(table.loc[list(rankers)].round(4).to_string())
except NotImplementedError:
    print("Solve `recommend` and `ndcg_recall` first.")

# %% [markdown] task="train_two_tower"
# Now train two towers, with `sampled_softmax` as their loss, that rank **new** items. Use anything
# that you have built, or none of it.
#
# The grader trains your model on the purchases of a random 90% of the households, and everything is
# measured in the same run, on items that a household had not bought before. In `check`, training
# weeks are 1-44 and targets 45-48, so that what you tune is tuned on validation weeks; the grade
# comes from weeks 1-48 and targets 49-53.
#
# - **ranking**: mean NDCG@20 at least 0.95 times that of EASE trained on the same purchases;
# - **the loss is at work**: trained again with a loss that takes every log_q for zero, your model must
#   fall below 0.70 times its own NDCG.
#
# The grader asks for `epochs=15`. It trains about four times; each check has a minute of one core, and
# one training should take less than 20 seconds.
#
# **Building blocks.** None of them is prescribed.
#
# - *Training pairs.* Either cut in time: choose a week in the past, describe households by what they
#   bought before it, and take the new items of the weeks after it for positives. Or hide: describe a
#   household by a random part of its items, and take some of the hidden ones. The second has far more
#   pairs. Either way, what is to be found must not be in the input.
# - *User tower.* `F.normalize(bag) @ table`, where bag is the household's row of log-counts and table
#   holds a learned vector per item; `pool_history` is a cousin. A vector per household without
#   history knows too little of each. *Item tower.* Another learned vector per item, plus one for each
#   of its attribute codes.
# - *Popularity.* Give users a last coordinate of 1, and items a learned bias there, which starts at the
#   logarithm of the item's share of purchases.
# - *log_q.* The logarithm of the probability that a column of the batch is this item: its share of the
#   positives that you draw. Counts plus 1 keep it finite.
# - *What is taken up now.* The towers learn from a whole year what is bought *at some time*. Once they
#   are trained, add to the items' biases what the table above showed: for instance
#   $\tfrac34 (\log r_i - \tfrac12 \log n_i)$ with the uptake rate $r_i$ and the number of buyers $n_i$.
# - *Regularise.* 2,283 households are few: AdamW with a weight decay near 1 on the tables (not on the
#   bias), a learning rate of a few thousandths that falls to 0, vectors that start small.
#
# <details><summary>Help: the model is no better than popularity</summary>
#
# Measure after each epoch. If it was better earlier, it has learned the households by heart: hide
# more, decay more, train shorter. If it never was, check that positives are hidden from the input,
# and that scores in training and afterwards are computed alike.
# </details>
#
# <details><summary>Help: without log_q my model is nearly as good</summary>
#
# Then popularity comes from somewhere else: a bias that is not trained, or one added at the end that
# is popularity itself. Let the loss learn it, and add only what differs from it.
# </details>
#
# <details><summary>Help: it takes too long</summary>
#
# A batch of n pairs costs n² logits: 1,000 pairs (128 households, 8 positives of each) are enough. Look
# up user vectors once per household, not once per pair. Build tables of counts with `np.bincount` or
# `np.add.at`, once.
# </details>
#
# <details><summary>Help: how do I leave torch's global generator alone?</summary>
#
# Inside a `with` of `torch.random.fork_rng(devices=[])`, seed torch with a number drawn from `rng`
# and do everything that draws; afterwards the generator is put back.
# </details>


# %% task="train_two_tower" role="solution"
def train_two_tower(data: dict, loss, epochs: int, rng: np.random.Generator):
    """A trained two-tower model of which new item a household will buy.

    Parameters
    ----------
    data : dict
        Purchases up to now; one event is a household that bought an item in a week.

        - "household", "item", "week": (m,) int64 arrays, one entry per event, sorted by week; the
          same household, item and week occur together once at most; weeks count from 1;
        - "n_households", "n_items": ints; households and items are numbered from 0, and each has a
          vector, also one without events;
        - "item_attributes": (n_items, a) int64 array, the codes of each item's product category and
          department; each column counts from 0.
    loss : callable (users, items, item_ids, log_q, temperature) -> 0-dim tensor
        The contract of `sampled_softmax`; train with it, on torch tensors. The grader hands in your
        own `sampled_softmax`, or a variant of it: use what you are given.
    epochs : int
        At least 1: how many times you pass over the households; what a pass holds is up to you.
    rng : numpy.random.Generator
        Decides all that is random: the same state gives the same model. Torch's global generator is
        left as it was.

    Returns
    -------
    model : object
        With two attributes, float arrays or tensors: `user_vectors` (n_households, d) and
        `item_vectors` (n_items, d), d at most 512, for the weeks after the last one in data. The score of an item
        for a household is the dot product of their rows. Items bought before need no low score: the
        grader takes them out.
    """
    ### BEGIN SOLUTION
    n, n_items = data["n_households"], data["n_items"]
    item, week = data["item"], data["week"]
    cells = data["household"] * n_items + item
    counts = torch.from_numpy(np.bincount(cells, minlength=n * n_items).reshape(n, n_items))
    bags, bought, buyers = torch.log1p(counts), counts > 0, (counts > 0).sum(0)
    log_q = torch.log((buyers + 1) / (buyers + 1).sum())
    codes = torch.from_numpy(data["item_attributes"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        sizes = [n_items, n_items, *(codes.max(0).values + 1).tolist()]
        tables = [nn.Parameter(0.02 * torch.randn(size, 128)) for size in sizes]
        bias = nn.Parameter(log_q - log_q.mean())

        def towers(bags):
            shared = sum(table[codes[:, at]] for at, table in enumerate(tables[2:]))
            users = 8 * F.normalize(bags, dim=1) @ (tables[0] + shared)
            return users, tables[1] + shared

        optimizer = torch.optim.AdamW(
            [{"params": tables, "weight_decay": 1.0}, {"params": [bias], "weight_decay": 0.0}]
        )
        steps = epochs * -(-n // 128)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
        for _ in range(epochs):
            for rows in torch.from_numpy(rng.permutation(n)).split(128):
                hidden = bought[rows] & (torch.rand(len(rows), n_items) < 0.1)
                draw = (hidden * torch.rand(hidden.shape)).topk(8, dim=1)
                who, which = torch.nonzero(draw.values, as_tuple=True)
                ids = draw.indices[who, which]
                users, items = towers(bags[rows] * ~hidden)
                users = torch.cat([users, torch.ones(len(rows), 1)], 1)
                items = torch.cat([items, bias[:, None]], 1)
                optimizer.zero_grad()
                value = loss(users[who], items[ids], ids, log_q[ids], 1.0)
                value.backward()
                optimizer.step()
                schedule.step()
        with torch.no_grad():
            users, items = towers(bags)
    first = np.unique(cells, return_index=True)[1]
    adopted = np.bincount(item[first[week[first] > week.max() - 8]], minlength=n_items)
    rate = adopted / (n - buyers.numpy() + adopted + 50) + 0.003
    trend = torch.from_numpy(np.log(rate)) - 0.5 * torch.log(buyers + 1)
    prior = (bias.detach() + 0.75 * trend)[:, None].float()
    return SimpleNamespace(
        user_vectors=torch.cat([users, torch.ones(n, 1)], 1),
        item_vectors=torch.cat([items, prior], 1),
    )
    ### END SOLUTION


# %% [markdown] name="compare-text"
# ## What is it worth?
#
# The cell below is the test: your model, trained on weeks 1-48, and weeks 49-53, on which nothing was
# chosen. Beside it stand EASE with and without uptake, and the two fused by your `fuse_rankings`. The
# intervals are paired: households are drawn again and again with replacement, and each time the
# *difference* to EASE with uptake is taken.
#
# Read it as an interviewer would. Is the model's lead over the baseline as large here as it was on the
# validation weeks, on which you tuned it? Does an interval that holds 0 show a gain? A well-made
# closed-form baseline is hard to beat by one model; towers pay where they are *combined* with it,
# and for items without any history, of which a purchase matrix knows nothing and a text tower does.
# (One seed, one split: the interval knows of neither.)


# %% name="compare"
def lists_of(users, items):
    return recommend(users, items, [np.flatnonzero(row) for row in history], 100)


def own_loss(*batch):
    return sampled_softmax(*batch)


def ndcg_of(lists):
    wanted = bought & (history == 0)
    both = zip(lists, wanted, strict=True)
    return np.array([ndcg_recall(ranked, np.flatnonzero(row), 20)[0] for ranked, row in both])


try:
    history, bought = counts_of(1, 48), counts_of(49, 53) > 0
    past = pairs[pairs["week"] < TEST_WEEK].sort_values("week", kind="stable")
    data = {name: past[name].to_numpy() for name in ("household", "item", "week")}
    data |= {"n_households": purchases.n_households, "n_items": purchases.n_items}
    data["item_attributes"] = purchases.item_attributes()[0]
    model = train_two_tower(data, own_loss, 15, np.random.default_rng(0))
    rankers = simple_rankers(history, counts_of(1, 40))
    rankers["two-tower"] = tuple(
        np.asarray(torch.as_tensor(side).detach())
        for side in (model.user_vectors, model.item_vectors)
    )
    strong = "EASE x sqrt(uptake)"
    lists = {name: lists_of(*rankers[name]) for name in ("EASE", strong, "two-tower")}
    lists["both, fused"] = [
        fuse_rankings([one.tolist(), other.tolist()], [1.0, 1.0])
        for one, other in zip(lists[strong], lists["two-tower"], strict=True)
    ]
    scores = {name: ndcg_of(made) for name, made in lists.items()}
    judged = np.flatnonzero(~np.isnan(scores[strong]))
    again = np.random.default_rng(0).choice(judged, (1000, len(judged)))
    for name, each in scores.items():
        gaps = (each - scores[strong])[again].mean(1)
        low, high = np.quantile(gaps, [0.025, 0.975])
        print(f"{name:>20}: NDCG@20 {np.nanmean(each):.4f}   difference [{low:+.4f}, {high:+.4f}]")
except NotImplementedError:
    print("Solve the tasks first.")

# %% [markdown] question="interview_question"
# ## The interview question
#
# > *"We replaced item-based recommendations by a two-tower model. Offline, its Recall@20 is .49, where
# > popularity reaches .32. In the A/B test, sales did not move. What may have happened, how would you
# > find out, and what would you change?"*
#
# Answer in 150-300 words in the cell below, as you would aloud. Use figures of your own from this
# exercise where they help.
#
# === BEGIN MARK SCHEME ===
#
# | points | what the answer shows |
# | --- | --- |
# | 1 | Sees that repeat purchase decides a metric on *all* purchases: the model may recommend what customers buy anyway. Asks for the household's own frequency as a baseline, and measures new items apart, with known ones masked. |
# | 1 | Questions the evaluation: split in time or at random, full ranking or sampled negatives, ideal of NDCG and recall, households without targets; says which check would show each. |
# | 1 | Questions the training: in-batch negatives without logQ, accidental hits, false negatives, popularity bias; says how it would show (popularity of what is shown, an ablation with log_q set to zero). |
# | 1 | Puts strong simple baselines beside it (popularity, recent uptake, neighbours, EASE, a blend), with several seeds and an interval from households resampled in pairs; may keep the baseline and use the towers as one signal, or for cold items. |
# | 1 | Connects offline with online: incremental sales instead of hits, enough power in the test, interleaving, novelty and position, feedback of shown lists into the training data, monitoring. |
#
# A fluent answer without a way to *check* its claims earns at most 3.
#
# === END MARK SCHEME ===

# %% [markdown] name="finish-text"
# ## All together
#
# The table that the grader would make of this notebook's functions, on the public inputs.

# %% name="finish" role="locked"
check("recommender")
