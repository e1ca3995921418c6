# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] name="introduction"
# # Contrastive features: which two stretches of weeks belong to one household?
#
# A grocery chain knows what its households put into their baskets, week by week, and hardly anything
# else about them. You are to turn a household's shopping into **a vector that other models can use**,
# without a single label. Contrastive learning asks a question that the data answer by themselves:
# *here are two stretches of weeks; is it the same household?* An encoder that can tell has learned
# what is typical of a household and what is chance.
#
# The data are real: a year of purchases in a grocery chain (The Complete Journey). This exercise
# builds, piece by piece, what an interviewer expects you to know: how positives are made, the loss
# and its traps, what a good embedding looks like, how it is evaluated without fooling yourself, and
# the training loop itself.
#
# **How it works.** Each task is a function with a contract in its docstring. Replace
# `raise NotImplementedError` by your code and run the `check(...)` cell below it: it says what
# holds, what does not, and why that may be. `hint("nt_xent")` shows a first hint, and each further
# call one more. Your code may use NumPy, SciPy, scikit-learn and torch, helper functions in cells
# of your own, and the other tasks' functions.
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
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autograder import check, hint

# %% [markdown] name="data"
# ## The data
#
# One event is one product in one basket. A household is *recognised* if, among all households, the
# one whose first half-year looks most like a household's second half-year is the household itself.
# The cell below does that without any learning, by the cosine of product counts in which rare
# products weigh more (TF-IDF): the number to keep in mind.
# %% name="look"
from shelfspace.data import load_purchases

purchases = load_purchases("product")
halves = purchases.counts(1, 24), purchases.counts(25, 48)
idf = np.log(purchases.n_households / (1 + (halves[0] + halves[1] > 0).sum(0).A1))
a, b = (half.log1p().multiply(idf).tocsr() for half in halves)
active = (np.diff(a.indptr) > 0) & (np.diff(b.indptr) > 0)
a, b = (half[active] for half in (a, b))
a, b = (half.multiply(1 / np.sqrt(half.multiply(half).sum(1))).tocsr() for half in (a, b))
recognised = (b @ a.T).toarray().argmax(1) == np.arange(active.sum())
print(f"{len(purchases.events):,} purchases of {purchases.n_items:,} products")
print(f"{active.sum():,} households shop in both half-years; TF-IDF finds {recognised.mean():.1%}")

# %% [markdown] task="two_views"
# The supervision in self-supervision is the choice of **positives**: two views that should come out
# alike. Here they are two random, disjoint sets of weeks of one household. Disjoint matters: with a
# week in both views, the encoder finds the shared baskets instead of the household. Whole weeks
# matter too: a shopping trip cut in half is recognised by its date, its coupon, its party.
#
# Sizes vary, so that the encoder learns to work with much history and with little.
#
# <details><summary>Help: how do I get from weeks to a mask over events?</summary>
#
# Choose among the *distinct* weeks (`np.unique(weeks)`); `np.isin(weeks, chosen)` says for each
# event whether its week was chosen, whatever the order of the events.
# </details>
#
# <details><summary>Help: sometimes too few weeks are left for the second view</summary>
#
# The first view may take at most as many weeks as leave `min_weeks` for the other.
# </details>


# %% task="two_views" role="solution"
def two_views(
    weeks: np.ndarray, min_weeks: int, max_weeks: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint random sets of a household's weeks, as masks over its events.

    Parameters
    ----------
    weeks : (n,) int array
        The week of each event, in any order. A week with at least one event is *active*.
    min_weeks, max_weeks : int
        Each view consists of min_weeks to max_weeks active weeks.
    rng : numpy.random.Generator

    Returns
    -------
    mask_a, mask_b : (n,) bool arrays
        True for the events of each view. A view holds all events of its weeks, and no week is in
        both views. Which weeks, and how many, is drawn from rng: every active week can come into
        either view; where there are 2 * max_weeks active weeks or more, every size from min_weeks
        to max_weeks can come up in either view, and where there are fewer, sizes that fit. (No
        distribution is asked for, but do not make any of these rarer than one call in ten or so.)

    Raises
    ------
    ValueError
        If min_weeks < 1, if max_weeks < min_weeks, or if there are fewer than 2 * min_weeks active
        weeks.

    Examples
    --------
    >>> weeks = np.array([3, 3, 7, 9, 9, 12])
    >>> two_views(weeks, 1, 2, np.random.default_rng(0))  # for instance weeks {9} and {3, 12}
    (array([False, False, False,  True,  True, False]),
     array([ True,  True, False, False, False,  True]))
    """
    ### BEGIN SOLUTION
    if min_weeks < 1 or max_weeks < min_weeks:
        raise ValueError(f"a view of {min_weeks} to {max_weeks} weeks is not possible")
    active = rng.permutation(np.unique(weeks))
    if len(active) < 2 * min_weeks:
        raise ValueError(f"{len(active)} active weeks are too few for two views of {min_weeks}")
    size_a = rng.integers(min_weeks, min(max_weeks, len(active) - min_weeks) + 1)
    size_b = rng.integers(min_weeks, min(max_weeks, len(active) - size_a) + 1)
    weeks_a, weeks_b = active[:size_a], active[size_a : size_a + size_b]
    return np.isin(weeks, weeks_a), np.isin(weeks, weeks_b)
    ### END SOLUTION


# %% [markdown] task="augment_sequence"
# Where a user has one short sequence instead of a year, views are made by **augmentation**. CL4SRec
# (Xie et al. 2022) names three for sequences of items: *crop* keeps a stretch, *mask* hides items,
# *reorder* shuffles a stretch. Each is a claim about what does not matter. (An encoder that ignores
# order learns nothing from *reorder*: know your encoder.)
#
# With $n$ items and $L = \lfloor \text{rate} \cdot n \rfloor$, crop keeps $\max(1, L)$ neighbouring
# items, mask replaces exactly $L$, reorder shuffles $L$ neighbouring ones.
#
# <details><summary>Help: how many starts has a stretch?</summary>
#
# A stretch of L among n items starts at 0, 1, ... or n - L: that is n - L + 1 places.
# `rng.integers(high)` leaves `high` itself out.
# </details>
#
# <details><summary>Help: the caller's array changes</summary>
#
# A slice is a view of the same memory: `stretch = items[2:5]; rng.shuffle(stretch)` shuffles
# `items`. Begin with `items.copy()`.
# </details>


# %% task="augment_sequence" role="solution"
def augment_sequence(
    items: np.ndarray, kind: str, rate: float, mask_id: int, rng: np.random.Generator
) -> np.ndarray:
    """A random variation of a sequence of items (Xie et al. 2022, CL4SRec).

    Parameters
    ----------
    items : (n,) int array
        At least one item, in time order.
    kind : "crop", "mask" or "reorder"
        With L = floor(rate * n):
        "crop" returns one contiguous stretch of max(1, L) items, in order;
        "mask" returns all n items, of which exactly L, at distinct positions drawn uniformly, are
        replaced by mask_id;
        "reorder" returns all n items, of which one contiguous stretch of L is in random order, each
        order equally likely (the old one, too); the others stay where they are.
        Starts of stretches are uniform over all places where the stretch fits.
    rate : float
        From 0 to 1, ends included.
    mask_id : int
        What stands for a hidden item; it fits the dtype of items. Only "mask" uses it.
    rng : numpy.random.Generator

    Returns
    -------
    items : (m,) array
        Dtype as given. Always a new array: it shares no memory with the input, not even where
        nothing was changed.

    Raises
    ------
    ValueError
        If items is empty, for another kind, or if rate is outside [0, 1].
    """
    ### BEGIN SOLUTION
    n = len(items)
    if n == 0:
        raise ValueError("items is empty, so there is nothing to vary")
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie between 0 and 1, got {rate}")
    length = int(np.floor(rate * n))
    if kind == "crop":
        length = max(1, length)
        start = rng.integers(n - length + 1)
        return items[start : start + length].copy()
    varied = items.copy()
    if kind == "mask":
        varied[rng.choice(n, length, replace=False)] = mask_id
    elif kind == "reorder":
        start = rng.integers(n - length + 1)
        varied[start : start + length] = rng.permutation(items[start : start + length])
    else:
        raise ValueError(f'kind must be "crop", "mask" or "reorder", got {kind!r}')
    return varied
    ### END SOLUTION


# %% [markdown] task="nt_xent"
# The loss of SimCLR (Chen, Kornblith, Norouzi & Hinton 2020), *normalised temperature-scaled
# cross-entropy*. A batch holds $n$ households with two views each, so $2n$ embeddings. Each one in
# turn is the **anchor** $i$; the other view of its household, $j(i)$, is the **positive**; the
# remaining $2n - 2$, of both views, are **negatives**. With $s$ the cosine similarity and $\tau$ the
# temperature,
#
# $$\ell = \frac{1}{2n} \sum_{i=1}^{2n} -\log
# \frac{\exp(s_{i,j(i)} / \tau)}{\sum_{k \ne i} \exp(s_{i,k} / \tau)}$$
#
# The sum in the denominator runs over everything but the anchor itself: the positive and the
# negatives. It is a softmax over $2n - 1$ candidates, and the question is which one is the positive.
#
# <details><summary>Help, I get <code>inf</code> or <code>nan</code> at a small temperature</summary>
#
# $e^{1/0.01}$ is too large for float32. `torch.logsumexp` and `F.cross_entropy` subtract the largest
# logit first; `torch.log(torch.exp(x).sum())` does not.
# </details>
#
# <details><summary>Help: <code>nan</code> for a row of zeros</summary>
#
# A zero row has no direction; here its similarity to everything is 0. `F.normalize` divides by
# `max(norm, eps)`, so it leaves zeros at zero, while `z / z.norm(dim=1, keepdim=True)` is 0 / 0.
# </details>
#
# <details><summary>Help: how do I leave the anchor out of its own denominator?</summary>
#
# Set the diagonal of the (2n, 2n) similarities to minus infinity before the softmax
# (`masked_fill`): $e^{-\infty}$ is 0.
# </details>


# %% task="nt_xent" role="solution"
def nt_xent(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """Normalised temperature-scaled cross-entropy of two views (Chen et al. 2020, SimCLR).

    Parameters
    ----------
    z_a, z_b : (n, d) float tensors
        Embeddings, not normalised; both float32 or both float64; row i of z_a and row i of z_b are
        the two views of one household. n is at least 1.
    temperature : float
        Above 0. Loss and gradient stay finite at 0.01.

    Returns
    -------
    loss : 0-dim tensor
        Mean over all 2n anchors of the cross-entropy of the anchor's positive among the 2n - 1
        other embeddings, by cosine similarity / temperature. Dtype of the inputs; differentiable
        with respect to both. n = 1 gives 0. The similarity of a row of zeros to any row is 0, and
        its gradient finite.
    """
    ### BEGIN SOLUTION
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = z @ z.T / temperature
    itself = torch.eye(2 * n, dtype=torch.bool, device=z.device)
    logits = logits.masked_fill(itself, -torch.inf)
    positive = torch.arange(2 * n, device=z.device).roll(n)
    return F.cross_entropy(logits, positive)
    ### END SOLUTION


# %% [markdown] task="alignment_uniformity"
# A loss goes down; is the embedding good? Wang & Isola (2020) take the contrastive loss apart into
# two properties on the unit sphere. **Alignment**: the two views of a household lie close together.
# **Uniformity**: households spread over the whole sphere. Either alone is worthless, as a constant
# embedding aligns perfectly. With $a_i, b_i$ the *normalised* rows,
#
# $$\text{alignment} = \frac{1}{n} \sum_i \lVert a_i - b_i \rVert^2, \qquad
# \text{uniformity}(x) = \log \frac{1}{n(n-1)} \sum_{i \ne j} e^{-2 \lVert x_i - x_j \rVert^2},$$
#
# and the uniformity of the pair is the mean of its two views' values. Both are better when lower;
# uniformity is 0 when everything is in one point.
#
# <details><summary>Help: my uniformity is a little too high in small batches</summary>
#
# Then the pairs (i, i) are in your mean: their distance is 0, so each adds exp(0) = 1.
# `torch.pdist` gives the distances of all pairs i < j, without them.
# </details>


# %% task="alignment_uniformity" role="solution"
def alignment_uniformity(z_a: torch.Tensor, z_b: torch.Tensor) -> tuple[float, float]:
    """Alignment and uniformity of two views (Wang & Isola 2020), with alpha = 2 and t = 2.

    Parameters
    ----------
    z_a, z_b : (n, d) float tensors
        Embeddings, float32 or float64, not normalised, no row of zeros; row i of both belongs to
        one household. They may track gradients.

    Returns
    -------
    alignment : float
        Mean squared distance of the two views of a household, rows normalised.
    uniformity : float
        For each view the logarithm of the mean, over pairs of different rows, of
        exp(-2 * squared distance), rows normalised; then the mean of the two views' values.

    Raises
    ------
    ValueError
        If n is smaller than 2.
    """
    ### BEGIN SOLUTION
    if len(z_a) < 2:
        raise ValueError(f"uniformity needs pairs of rows, got {len(z_a)} row(s)")
    a, b = (F.normalize(z.detach().double(), dim=1) for z in (z_a, z_b))
    alignment = (a - b).square().sum(1).mean()
    uniformity = [(-2 * torch.pdist(z).square()).exp().mean().log() for z in (a, b)]
    return float(alignment), float(sum(uniformity) / 2)
    ### END SOLUTION


# %% [markdown] task="momentum_update"
# NT-Xent gets its negatives from the batch, so it wants large batches. **MoCo** (He et al. 2020)
# keeps a long queue of embeddings of earlier batches instead. They must come from an encoder that
# changes slowly, or the queue is a museum: a second, *key* encoder follows the trained, *query* one
# as a moving average, here over the two models' `state_dict()`:
#
# $$\theta_\text{key} \leftarrow m\,\theta_\text{key} + (1 - m)\,\theta_\text{query}$$
#
# A state dict also holds things that have no average, such as batch norm's counter of batches.
#
# <details><summary>Help: my counters are wrong by a little</summary>
#
# `tensor.is_floating_point()` says which entries can be averaged; the others are taken over.
# </details>


# %% task="momentum_update" role="solution"
def momentum_update(
    query_state: dict[str, torch.Tensor], key_state: dict[str, torch.Tensor], m: float
) -> dict[str, torch.Tensor]:
    """The key encoder's next state: a moving average of the query encoder's (He et al. 2020, MoCo).

    Parameters
    ----------
    query_state, key_state : dict of str to tensor
        States as `state_dict()` gives them: same names, and same shapes, () included. Neither is
        changed.
    m : float
        Momentum, from 0 (the query's state) to 1 (the key's state stays).

    Returns
    -------
    state : dict of str to tensor
        For a floating tensor m * key + (1 - m) * query, with the dtype of the key's; for any other
        (a counter, a mask) a clone of the query's. No tensor shares memory with an input.

    Raises
    ------
    ValueError
        If the states differ in their names, or in the shape of a tensor, or if m is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 <= m <= 1:
        raise ValueError(f"m must lie between 0 and 1, got {m}")
    if query_state.keys() != key_state.keys():
        raise ValueError("the two states hold different names")
    state = {}
    for name, key in key_state.items():
        query = query_state[name]
        if query.shape != key.shape:
            raise ValueError(f"{name} has shape {query.shape} in one state, {key.shape} in another")
        if key.is_floating_point():
            state[name] = m * key + (1 - m) * query.to(key.dtype)
        else:
            state[name] = query.clone()
    return state
    ### END SOLUTION


# %% [markdown] task="retrieval_recall"
# Does the embedding recognise households it has never seen? Each **query** (a household's second
# half-year) ranks a **gallery** (everybody's first half-year) by cosine similarity; Recall@k is the
# share of queries whose own household is among the best k.
#
# The trap is the tie. An encoder that has collapsed gives everybody the same vector: all cosines are
# equal, `argsort` puts the rows in *some* order, and for queries in the order of the gallery that
# order may look like knowledge. So ties count **against** the model.
#
# <details><summary>Help: the cosine of a row with itself is 0.9999999</summary>
#
# Single precision has seven digits. Convert to float64 *before* you normalise.
# </details>
#
# <details><summary>Help: how do I count ties against the model?</summary>
#
# Count the gallery rows that are at least as similar as the true one, minus 1e-9 for rounding. The
# true row counts itself, so a hit has a count of at most k.
# </details>


# %% task="retrieval_recall" role="solution"
def retrieval_recall(
    queries: np.ndarray, gallery: np.ndarray, true_index: np.ndarray, k: int
) -> float:
    """Share of queries whose true gallery row is among the k most similar ones, ties lost.

    Parameters
    ----------
    queries : (q, d) float array
        float32 or float64, at least one row.
    gallery : (n, d) float array
    true_index : (q,) int array
        For each query the number of its row in the gallery, 0 to n - 1.
    k : int
        At least 1; may be larger than n.

    Returns
    -------
    recall : float
        A query is a hit if at most k gallery rows have a cosine similarity with it of at least
        (the true row's - 1e-9); the true row counts as one of them. Cosines are computed in double
        precision; the cosine with a row of zeros is 0. So a constant embedding scores 0 for k < n.

    Raises
    ------
    ValueError
        If k is smaller than 1, or if an index lies outside the gallery (negative ones do).
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError(f"true_index must lie within 0..{len(gallery) - 1}")

    def unit(rows: np.ndarray) -> np.ndarray:
        rows = rows.astype(np.float64)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(norms > 0, norms, 1.0)

    cosine = unit(queries) @ unit(gallery).T
    true_cosine = cosine[np.arange(len(queries)), true_index]
    at_least_as_close = (cosine >= true_cosine[:, None] - 1e-9).sum(1)
    return float((at_least_as_close <= k).mean())
    ### END SOLUTION


# %% [markdown] task="linear_probe"
# Is anything *useful* in the vectors? A **linear probe** freezes them and fits a logistic regression
# to some label, here a household's demographics. It measures what lies in the open: a probe that is
# itself a deep network measures the probe.
#
# It is also where evaluations leak. Scaling on all rows tells training about the test rows; a
# regularisation strength chosen by the test score is fitted to the test; two rows of one household,
# one in training and one in test, turn recognition of the household into "age". Everything that is
# chosen is chosen inside the training fold, and a household is on one side.
#
# <details><summary>Help: where does the scaler belong?</summary>
#
# In a pipeline with the regression: `fit` on the training rows then fits both.
# `LogisticRegressionCV` chooses its strength by an inner cross-validation on what it is fitted on.
# </details>
#
# <details><summary>Help: it fails when there are only two groups</summary>
#
# Then a training fold holds a single group, and an inner cross-validation by groups has nothing to
# split. One by rows works.
# </details>


# %% task="linear_probe" role="solution"
def linear_probe(
    features: np.ndarray, target: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """ROC-AUC of logistic regression on frozen features, in cross-validation by group.

    Parameters
    ----------
    features : (n, d) float array
        Finite; columns may be on very different scales.
    target : (n,) array
        0/1 or bool.
    groups : (n,) int array
        The household of each row; no household stands in training and test at once.
    rng : numpy.random.Generator
        Decides which groups form a fold: another state gives other folds.

    Returns
    -------
    mean_auc, std_auc : float
        Mean and population standard deviation (dividing by the number of folds) of the test folds'
        ROC-AUC. There are 5 folds, or as many as there are groups where those are fewer. Each
        fold's model is an L2-regularised logistic regression on standardised features; scaling and
        regularisation strength are chosen on its training rows alone, the strength from candidates
        that span several powers of ten. A fold whose test rows, or whose training rows, do not hold
        both classes is skipped; where none is left, both results are nan.

    Raises
    ------
    ValueError
        If there are fewer than 2 groups, or if target does not hold exactly two classes.
    """
    ### BEGIN SOLUTION
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError("one group cannot be both in training and in test")
    if len(np.unique(target)) != 2:
        raise ValueError("target must hold two classes")
    seed = int(rng.integers(2**31))
    folds = StratifiedGroupKFold(min(5, n_groups), shuffle=True, random_state=seed)
    aucs = []
    for train, test in folds.split(features, target, groups):
        if len(np.unique(target[train])) < 2 or len(np.unique(target[test])) < 2:
            continue

        def probe(rows: np.ndarray, strength: float):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
            return model.fit(features[rows], target[rows])

        inner, held_out = train_test_split(
            train, test_size=0.25, stratify=target[train], random_state=seed
        )
        losses = {
            strength: log_loss(
                target[held_out], probe(inner, strength).predict_proba(features[held_out])[:, 1]
            )
            for strength in (0.01, 1.0, 100.0)
        }
        model = probe(train, min(losses, key=losses.get))
        aucs.append(roc_auc_score(target[test], model.decision_function(features[test])))
    return (float(np.mean(aucs)), float(np.std(aucs))) if aucs else (np.nan, np.nan)
    ### END SOLUTION


# %% [markdown] task="train_encoder"
# Now train. You are handed a source of views of the shop's training households, a factory that makes
# a fresh encoder with its projection head, and your own `nt_xent`.
#
# The loss is computed on `head(encoder(x))`, but the head is **thrown away**: it learns to discard
# whatever does not help to tell households apart, and what it discards may be what another model
# needs (SimCLR found the layer before it better by more than ten points).
#
# Your encoder is judged on real households that nobody has seen: Recall@1 of finding a household's
# second half-year by its first. Each call of `views()` gives 192 of 1,200 other households, drawn
# anew, each view as 256 numbers (a truncated SVD of the TF-IDF vectors of its products); an *epoch*
# here is one such batch, and there are 400. `make_encoder` gives a linear encoder to 32 numbers and
# a linear head. Everything is compared in the same run:
#
# - with the **same encoder untrained**, because a random network already keeps distances: Recall@1
#   must be at least 1.1 times as high;
# - with a **truncated SVD of the same dimension**, fitted on the same households, because a linear
#   method of 1936 needs no training loop (Eckart & Young): at least 0.78 times as high;
# - and it must not have **collapsed**: the uniformity of its vectors must stay below -2.
#
# Handed a loss that is constant, it must learn nothing. Your function is called about ten times; each
# of these checks has two minutes of one core, of which a training should take a few seconds.
#
# The encoder contains dropout and batch normalisation: in training mode they mix rows and add noise,
# in evaluation mode they do not.
#
# <details><summary>Help: what is in a training step?</summary>
#
# `z = head(encoder(x))` for both views, `loss(z_a, z_b, temperature)`, `optimizer.zero_grad()`,
# `.backward()`, `optimizer.step()`. Give the optimizer the parameters of the encoder *and* the head.
# </details>
#
# <details><summary>Help: dropout needs torch's global generator</summary>
#
# It has no other. Inside a `with` of `torch.random.fork_rng(devices=[])` you may seed it
# (`torch.manual_seed(int(rng.integers(2**31)))`), and its state is put back afterwards.
# </details>
#
# <details><summary>Help: the loss falls, recall does not</summary>
#
# Try other temperatures (0.05 to 0.5) and learning rates (1e-4 to 1e-2), and look at
# `alignment_uniformity`. Loss values at different temperatures cannot be compared.
# </details>


# %% task="train_encoder" role="solution"
def train_encoder(views, make_encoder, loss, epochs: int, rng: np.random.Generator):
    """An encoder trained to recognise households, without its projection head, in eval mode.

    Parameters
    ----------
    views : callable () -> (x_a, x_b)
        Each call gives a fresh pair of (n, d) float32 tensors: row i of both is the same household,
        seen in two disjoint sets of weeks; the households, too, are drawn anew. To be called once
        per epoch. A pair is small enough for one batch; cutting it into smaller ones is allowed.
    make_encoder : callable (rng) -> (encoder, head)
        Gives two fresh torch modules in training mode, with weights drawn from rng: `encoder`
        (d numbers -> h) and the projection head `head` (h -> p). To be called once. They contain
        dropout and batch normalisation.
    loss : callable (z_a, z_b, temperature) -> 0-dim tensor
        A contrastive loss such as `nt_xent`, of two (b, p) tensors; to be minimised.
    epochs : int
        At least 1.
    rng : numpy.random.Generator
        Decides everything random: the same state and the same views give the same encoder. torch's
        global random state is as before afterwards.

    Returns
    -------
    encoder : torch.nn.Module
        The trained encoder (d -> h), in eval mode: what it makes of a row depends on that row only.
    """
    ### BEGIN SOLUTION
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))  # dropout draws from the global generator
        encoder, head = make_encoder(rng)
        parameters = [*encoder.parameters(), *head.parameters()]
        optimizer = torch.optim.AdamW(parameters, lr=3e-3)
        for _ in range(epochs):
            x_a, x_b = views()
            value = loss(head(encoder(x_a)), head(encoder(x_b)), 0.2)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    return encoder.eval()
    ### END SOLUTION


# %% [markdown] question="interview_question"
# ## The interview question
#
# > *"A colleague has trained a household encoder with a contrastive loss. The loss still falls, an
# > evaluation on held-out households finds the right one for 56% of the queries, and a probe of
# > 'family with children' reaches an AUC of .71. She proposes it as the feature store's new default.
# > What do you want to know before you agree, and what would change your mind either way?"*
#
# Answer in 150-300 words in the cell below, as you would aloud. Use figures of your own from this
# exercise where they help.
#
# === BEGIN MARK SCHEME ===
#
# | points | what the answer shows |
# | --- | --- |
# | 1 | Asks for the baselines in the same table: sparse TF-IDF, a truncated SVD of equal dimension fitted on the same data, the same encoder untrained; knows that here TF-IDF wins recognition and that a random encoder explains much of the gain in the probe. |
# | 1 | Questions the evaluation: households split (not rows), disjoint weeks, ties and collapse counted against the model, probe scaled and tuned inside the training fold, intervals over households or seeds. |
# | 1 | Says what the loss does and does not tell: it depends on temperature and batch size and is no measure of quality; looks at alignment and uniformity, at dimensional collapse, at false negatives. |
# | 1 | Ties the representation to its use: an L2-normalised bag discards volume, so churn and spend belong to recency-frequency-money; which downstream task, on short or long histories, for new households? |
# | 1 | Decides: an experiment with a stopping rule (the feature added to the strong baseline, on the tasks that matter, against a random encoder added likewise), and the price of a learned feature (drift, retraining, versions) named. |
#
# A fluent answer without a *comparison* that could go against its conclusion earns at most 3.
#
# === END MARK SCHEME ===

# %% [markdown] name="finish-text"
# ## All together
#
# The table that the grader would make of this notebook's functions, on the public inputs.

# %% name="finish" role="locked"
check("feature_extraction")
