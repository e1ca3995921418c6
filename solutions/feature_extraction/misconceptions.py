"""Known wrong answers of `feature_extraction`: what people write, and the sentence that helps them.

Each entry's code, after PRELUDE, is a submission of that one contract.
"""

from autograder.misconceptions import Misconception

GLOBAL_SEED = (
    "You set or used global random state (NumPy's, Python's or torch's). Whoever calls you loses "
    "control of their own randomness, and two experiments in one process disturb each other. Use "
    "`rng`."
)

PRELUDE = """
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def _active(weeks, min_weeks, max_weeks):
    active = np.unique(weeks)
    if min_weeks < 1 or max_weeks < min_weeks or len(active) < 2 * min_weeks:
        raise ValueError("such views cannot be made")
    return active

def _check_augment(items, kind, rate):
    if len(items) == 0 or kind not in ("crop", "mask", "reorder") or not 0 <= rate <= 1:
        raise ValueError("an empty sequence, an unknown kind, or a rate outside [0, 1]")

def _stretch(n, length, rng):
    start = rng.integers(n - length + 1)
    return slice(start, start + length)

def _augment(items, kind, rate, mask_id, rng):
    _check_augment(items, kind, rate)
    n, varied = len(items), items.copy()
    length = int(rate * n)
    if kind == "crop":
        return varied[_stretch(n, max(1, length), rng)]
    if kind == "mask":
        varied[rng.choice(n, length, replace=False)] = mask_id
    else:
        place = _stretch(n, length, rng)
        varied[place] = rng.permutation(varied[place])
    return varied

def _nt_xent(z_a, z_b, temperature, normalise=True, own=False, reduction="mean", anchors=None):
    n = len(z_a)
    z = torch.cat([z_a, z_b])
    z = F.normalize(z, dim=1) if normalise else z
    logits = z @ z.T / temperature
    if not own:
        logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    positive = torch.arange(2 * n).roll(n)
    return F.cross_entropy(logits[:anchors], positive[:anchors], reduction=reduction)

def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, temperature)

def _uniformity(z, t=2.0):
    return (-t * torch.pdist(z).square()).exp().mean().log()

def _unit_views(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("fewer than two rows")
    return [F.normalize(z.detach().double(), dim=1) for z in (z_a, z_b)]

def _check_states(query_state, key_state, m):
    if query_state.keys() != key_state.keys() or not 0 <= m <= 1:
        raise ValueError("other names, or m outside [0, 1]")
    if any(query_state[name].shape != key_state[name].shape for name in key_state):
        raise ValueError("other shapes")

def _check_recall(true_index, n, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= n:
        raise ValueError("k below 1, or an index outside the gallery")

def _unit(rows):
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)

def _probe(X, y, groups, rng, split=None, scale_all=False, on_test=False, seed=None):
    n_groups = len(np.unique(groups))
    if n_groups < 2 or len(np.unique(y)) != 2:
        raise ValueError("fewer than two groups, or not two classes")
    seed = int(rng.integers(2**31)) if seed is None else seed
    if scale_all:
        X = StandardScaler().fit_transform(X)
    folds = split or StratifiedGroupKFold(min(5, n_groups), shuffle=True, random_state=seed)
    def fit(rows, C):
        model = LogisticRegression(C=C, max_iter=1000)
        return (model if scale_all else make_pipeline(StandardScaler(), model)).fit(X[rows], y[rows])
    aucs = []
    for train, test in folds.split(X, y, groups):
        if len(np.unique(y[train])) < 2 or len(np.unique(y[test])) < 2:
            continue
        strengths = (0.001, 0.01, 1.0, 100.0)
        if on_test:
            found = [roc_auc_score(y[test], fit(train, C).decision_function(X[test]))
                     for C in strengths]
            aucs.append(max(found))
            continue
        inner, held = train_test_split(train, test_size=0.25, stratify=y[train], random_state=seed)
        best = min(strengths, key=lambda C: log_loss(y[held], fit(inner, C).predict_proba(X[held])))
        aucs.append(roc_auc_score(y[test], fit(train, best).decision_function(X[test])))
    return float(np.mean(aucs)), float(np.std(aucs))

def _train(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    steps = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=3e-3)
    for _ in range(epochs):
        x_a, x_b = views()
        for rows in np.array_split(rng.permutation(len(x_a)), max(1, len(x_a) // 128)):
            value = loss(head(encoder(x_a[rows])), head(encoder(x_b[rows])), 0.2)
            steps.zero_grad()
            value.backward()
            steps.step()
    return encoder, head
"""

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ two_views
    Misconception(
        "two_views",
        "overlapping_views",
        "Your two views share weeks, so the encoder can recognise a household by baskets that "
        "stand in both. Draw the second view from the weeks that the first left over.",
        """
def two_views(weeks, min_weeks, max_weeks, rng):
    active = _active(weeks, min_weeks, max_weeks)
    most = min(max_weeks, len(active) - min_weeks)
    sizes = rng.integers(min_weeks, most + 1, size=2)
    return tuple(np.isin(weeks, rng.choice(active, size, replace=False)) for size in sizes)
""",
    ),
    Misconception(
        "two_views",
        "single_events",
        "You drew events instead of weeks: a week's baskets end up in both views, or half of a "
        "week in one. Draw among the distinct weeks, and take all events of a drawn week.",
        """
def two_views(weeks, min_weeks, max_weeks, rng):
    _active(weeks, min_weeks, max_weeks)
    order = rng.permutation(len(weeks))
    size_a, size_b = rng.integers(min_weeks, max_weeks + 1, size=2)
    masks = np.zeros((2, len(weeks)), bool)
    masks[0, order[:size_a]] = True
    masks[1, order[size_a : size_a + size_b]] = True
    return masks[0], masks[1]
""",
    ),
    Misconception(
        "two_views",
        "global_seed",
        GLOBAL_SEED,
        """
def two_views(weeks, min_weeks, max_weeks, rng):
    np.random.seed(int(rng.integers(1 << 31)))
    active = np.random.permutation(_active(weeks, min_weeks, max_weeks))
    size_a = np.random.randint(min_weeks, min(max_weeks, len(active) - min_weeks) + 1)
    size_b = np.random.randint(min_weeks, min(max_weeks, len(active) - size_a) + 1)
    return np.isin(weeks, active[:size_a]), np.isin(weeks, active[size_a : size_a + size_b])
""",
    ),
    # ------------------------------------------------------------------ augment_sequence
    Misconception(
        "augment_sequence",
        "crop_drops",
        "Your crop throws the stretch away and keeps the rest. A crop keeps one stretch of "
        "floor(rate * n) items and throws everything else away.",
        """
def augment_sequence(items, kind, rate, mask_id, rng):
    if kind != "crop":
        return _augment(items, kind, rate, mask_id, rng)
    _check_augment(items, kind, rate)
    place = _stretch(len(items), max(1, int(rate * len(items))), rng)
    return np.delete(items, place)
""",
    ),
    Misconception(
        "augment_sequence",
        "in_place",
        "You varied the caller's own array. The next epoch then starts from a sequence that is "
        "masked already, and in the end nothing is left. Work on a copy: `items.copy()`.",
        """
def augment_sequence(items, kind, rate, mask_id, rng):
    varied = _augment(items, kind, rate, mask_id, rng)
    if kind != "crop":
        items[:] = varied
        return items
    return varied
""",
    ),
    Misconception(
        "augment_sequence",
        "shares_memory",
        "What you return is a view of the caller's memory: `items[start:end]` copies nothing, "
        "and neither does `items` itself. Whoever writes into the result changes the original. "
        "Return a copy.",
        """
def augment_sequence(items, kind, rate, mask_id, rng):
    _check_augment(items, kind, rate)
    if kind == "crop":
        return items[_stretch(len(items), max(1, int(rate * len(items))), rng)]
    return _augment(items, kind, rate, mask_id, rng)
""",
    ),
    Misconception(
        "augment_sequence",
        "global_seed",
        GLOBAL_SEED,
        """
def augment_sequence(items, kind, rate, mask_id, rng):
    np.random.seed(int(rng.integers(1 << 31)))
    return _augment(items, kind, rate, mask_id, np.random.default_rng(np.random.randint(1 << 31)))
""",
    ),
    # ------------------------------------------------------------------ nt_xent
    Misconception(
        "nt_xent",
        "self_in_denominator",
        "You left each embedding's similarity to itself in the denominator. It is always the "
        "largest, so the loss has a floor and the gradient is wrong. Mask the diagonal with "
        "minus infinity.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, temperature, own=True)
""",
    ),
    Misconception(
        "nt_xent",
        "positive_missing",
        "You left the positive out of the denominator, so that it holds the negatives only. "
        "NT-Xent is a softmax over all 2n - 1 others, the positive among them.",
        """
def nt_xent(z_a, z_b, temperature):
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = z @ z.T / temperature
    own, pairs = torch.eye(2 * n, dtype=torch.bool), torch.eye(2 * n, dtype=torch.bool).roll(n, 0)
    if n == 1:
        return (logits * 0).sum()
    return (logits.masked_fill(own | pairs, -torch.inf).logsumexp(1) - logits[pairs]).mean()
""",
    ),
    Misconception(
        "nt_xent",
        "one_direction",
        "You took the rows of one view as anchors only. The loss is symmetric: every one of "
        "the 2n embeddings is the anchor once, and the mean runs over all of them.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, temperature, anchors=len(z_a))
""",
    ),
    Misconception(
        "nt_xent",
        "cross_view_only",
        "Your negatives come from the other view only, n - 1 per anchor, as in CLIP's loss. "
        "NT-Xent compares each anchor with both views: 2n - 2 negatives.",
        """
def nt_xent(z_a, z_b, temperature):
    logits = F.normalize(z_a, dim=1) @ F.normalize(z_b, dim=1).T / temperature
    same = torch.arange(len(z_a))
    return (F.cross_entropy(logits, same) + F.cross_entropy(logits.T, same)) / 2
""",
    ),
    Misconception(
        "nt_xent",
        "not_normalised",
        "You compared plain dot products. NT-Xent uses cosine similarity: without normalising, "
        "long vectors win whatever their direction, and the temperature means nothing.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, temperature, normalise=False)
""",
    ),
    Misconception(
        "nt_xent",
        "temperature_multiplied",
        "You multiplied by the temperature. Similarities are divided by it: a small "
        "temperature makes the softmax sharp.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, 1 / temperature)
""",
    ),
    Misconception(
        "nt_xent",
        "summed",
        "You summed over the anchors. The loss is their mean, so that it, and the learning "
        "rate that suits it, do not depend on the batch size.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b, temperature, reduction="sum")
""",
    ),
    Misconception(
        "nt_xent",
        "labels_off_by_n",
        "Your class labels point to the wrong place: among the rows of both views stacked, row "
        "i's positive is row i + n, counted around the end (i - n for the second half), and "
        "neither i itself nor a neighbour.",
        """
def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    return F.cross_entropy(z @ z.T / temperature, torch.arange(len(z)))
""",
    ),
    Misconception(
        "nt_xent",
        "detached_side",
        "The value is right, but half of the gradient is missing: one side of each pair was "
        "detached (`.detach()`, `torch.no_grad()`). That is MoCo's key encoder; in NT-Xent "
        "both views are trained.",
        """
def nt_xent(z_a, z_b, temperature):
    return _nt_xent(z_a, z_b.detach(), temperature)
""",
    ),
    Misconception(
        "nt_xent",
        "detached_keys",
        "The value is right, but half of the gradient is missing: each embedding learns as an "
        "anchor and not as a candidate. Use the same tensor on both sides of the matrix "
        "product, and detach neither.",
        """
def nt_xent(z_a, z_b, temperature):
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = z @ z.detach().T / temperature
    logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(2 * n).roll(n))
""",
    ),
    # ------------------------------------------------------------------ alignment_uniformity
    Misconception(
        "alignment_uniformity",
        "self_pairs",
        "You left the pairs of each row with itself in the uniformity. Their distance is 0, so "
        "they raise the mean, most of all in small batches: average over pairs of different "
        "rows.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    values = [(-2 * torch.cdist(z, z).square()).exp().mean().log() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(sum(values) / 2)
""",
    ),
    Misconception(
        "alignment_uniformity",
        "not_normalised",
        "You measured the rows as they are. Both measures live on the unit sphere: normalise "
        "the rows first.",
        """
def alignment_uniformity(z_a, z_b):
    _unit_views(z_a, z_b)
    a, b = z_a.detach().double(), z_b.detach().double()
    return float((a - b).square().sum(1).mean()), float((_uniformity(a) + _uniformity(b)) / 2)
""",
    ),
    Misconception(
        "alignment_uniformity",
        "distance_not_squared",
        "Your alignment is the mean distance. With alpha = 2 it is the mean of the *squared* "
        "distances.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    return float((a - b).norm(dim=1).mean()), float((_uniformity(a) + _uniformity(b)) / 2)
""",
    ),
    Misconception(
        "alignment_uniformity",
        "mean_of_logarithms",
        "You averaged logarithms, which gives minus twice the mean squared distance. "
        "Uniformity is the logarithm of the mean: pairs that are close together count most.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    values = [(-2 * torch.pdist(z).square()).mean() for z in (a, b)]
    return float((a - b).square().sum(1).mean()), float(sum(values) / 2)
""",
    ),
    Misconception(
        "alignment_uniformity",
        "averaged_over_columns",
        "Your squared distance is averaged over the columns instead of summed (`F.mse_loss` "
        "does that), so it shrinks with the dimension.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    return float(F.mse_loss(a, b)), float((_uniformity(a) + _uniformity(b)) / 2)
""",
    ),
    Misconception(
        "alignment_uniformity",
        "one_view_only",
        "Your uniformity looks at one view. It is the mean of the values of both views.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    return float((a - b).square().sum(1).mean()), float(_uniformity(a))
""",
    ),
    Misconception(
        "alignment_uniformity",
        "views_pooled",
        "You took the uniformity of both views stacked. There a household's two views are a "
        "pair, too, and alignment leaks into uniformity: compute each view's value and average "
        "the two.",
        """
def alignment_uniformity(z_a, z_b):
    a, b = _unit_views(z_a, z_b)
    return float((a - b).square().sum(1).mean()), float(_uniformity(torch.cat([a, b])))
""",
    ),
    # ------------------------------------------------------------------ momentum_update
    Misconception(
        "momentum_update",
        "swapped",
        "You swapped the two encoders: m is the share that the *key* keeps. With m = 0.99 your "
        "key encoder jumps to the query at every step, and the queue of old keys is worthless.",
        """
def momentum_update(query_state, key_state, m):
    _check_states(query_state, key_state, m)
    return {
        name: (1 - m) * key + m * query_state[name].to(key.dtype)
        if key.is_floating_point() else query_state[name].clone()
        for name, key in key_state.items()
    }
""",
    ),
    Misconception(
        "momentum_update",
        "counters_averaged",
        "You averaged a counter. Whole numbers and masks have no moving average: take the "
        "query's, as a clone.",
        """
def momentum_update(query_state, key_state, m):
    _check_states(query_state, key_state, m)
    mixed = {name: m * key + (1 - m) * query_state[name] for name, key in key_state.items()}
    return {name: value.to(key_state[name].dtype) for name, value in mixed.items()}
""",
    ),
    Misconception(
        "momentum_update",
        "in_place",
        "You wrote into the key's tensors. The caller's state changes under its hands; build "
        "new tensors, and leave it to the caller to load them.",
        """
def momentum_update(query_state, key_state, m):
    _check_states(query_state, key_state, m)
    for name, key in key_state.items():
        if key.is_floating_point():
            key.mul_(m).add_((1 - m) * query_state[name].to(key.dtype))
        else:
            key.copy_(query_state[name])
    return {name: key.clone() for name, key in key_state.items()}
""",
    ),
    Misconception(
        "momentum_update",
        "shares_memory",
        "A tensor of your result is one of the inputs' own, not a copy. `state_dict()` holds "
        "the model's live tensors, so the next training step would change your result: use "
        "`.clone()`.",
        """
def momentum_update(query_state, key_state, m):
    _check_states(query_state, key_state, m)
    return {
        name: m * key + (1 - m) * query_state[name].to(key.dtype)
        if key.is_floating_point() else query_state[name]
        for name, key in key_state.items()
    }
""",
    ),
    # ------------------------------------------------------------------ retrieval_recall
    Misconception(
        "retrieval_recall",
        "ties_for_the_model",
        "You count ties in the model's favour: only rows that are strictly more similar stand "
        "before the true one. An encoder that gives everybody the same vector then scores 1. "
        "Count the rows that are *at least* as similar.",
        """
def retrieval_recall(queries, gallery, true_index, k):
    _check_recall(true_index, len(gallery), k)
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index]
    return float(((cosine > true[:, None] + 1e-9).sum(1) < k).mean())
""",
    ),
    Misconception(
        "retrieval_recall",
        "ties_in_row_order",
        "You sort, so equal cosines are ranked by their position in the gallery, and a tie is "
        "won or lost by accident. Count the rows that are at least as similar as the true one "
        "instead.",
        """
def retrieval_recall(queries, gallery, true_index, k):
    _check_recall(true_index, len(gallery), k)
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    best = np.argsort(-np.round(cosine, 9), axis=1, kind="stable")[:, :k]
    return float((best == true_index[:, None]).any(1).mean())
""",
    ),
    Misconception(
        "retrieval_recall",
        "dot_product",
        "You ranked by the dot product, so that long gallery rows (households that buy much) "
        "are near to everybody. Normalise the rows first.",
        """
def retrieval_recall(queries, gallery, true_index, k):
    _check_recall(true_index, len(gallery), k)
    score = queries.astype(float) @ gallery.astype(float).T
    true = score[np.arange(len(queries)), true_index]
    return float(((score >= true[:, None] - 1e-9).sum(1) <= k).mean())
""",
    ),
    Misconception(
        "retrieval_recall",
        "k_off_by_one",
        "You are off by one: the true row itself is among the rows that are at least as "
        "similar, so a hit has at most k of them.",
        """
def retrieval_recall(queries, gallery, true_index, k):
    _check_recall(true_index, len(gallery), k)
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index]
    return float(((cosine >= true[:, None] - 1e-9).sum(1) < k).mean())
""",
    ),
    Misconception(
        "retrieval_recall",
        "single_precision",
        "You computed cosines in single precision, which has seven digits: rows that differ "
        "become ties, and ties are lost. Convert to float64 before you normalise.",
        """
def retrieval_recall(queries, gallery, true_index, k):
    _check_recall(true_index, len(gallery), k)
    cosine = _unit(queries.astype(np.float32)) @ _unit(gallery.astype(np.float32)).T
    true = cosine[np.arange(len(queries)), true_index]
    return float(((cosine >= true[:, None] - np.float32(1e-9)).sum(1) <= k).mean())
""",
    ),
    # ------------------------------------------------------------------ linear_probe
    Misconception(
        "linear_probe",
        "scaled_on_all_rows",
        "You scaled with all rows, the test rows among them. One outlier there squeezes a "
        "whole column, and training has seen the test. Fit the scaler on the training rows of "
        "each fold: a pipeline does that.",
        """
def linear_probe(features, target, groups, rng):
    return _probe(features, target, groups, rng, scale_all=True)
""",
    ),
    Misconception(
        "linear_probe",
        "groups_split",
        "Rows of one household stand in training and test at once: the probe recognises the "
        "household instead of its attribute. Split by group, not by row.",
        """
def linear_probe(features, target, groups, rng):
    folds = StratifiedKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    return _probe(features, target, groups, rng, split=folds)
""",
    ),
    Misconception(
        "linear_probe",
        "strength_on_test",
        "You chose the regularisation by the AUC of the test rows and then reported that AUC: "
        "the best of several looks at the answer. Choose it inside the training fold.",
        """
def linear_probe(features, target, groups, rng):
    return _probe(features, target, groups, rng, on_test=True)
""",
    ),
    Misconception(
        "linear_probe",
        "global_seed",
        GLOBAL_SEED,
        """
def linear_probe(features, target, groups, rng):
    np.random.seed(int(rng.integers(2**31)))
    return _probe(features, target, groups, rng, seed=np.random.randint(2**31 - 1))
""",
    ),
    # ------------------------------------------------------------------ train_encoder
    Misconception(
        "train_encoder",
        "head_kept",
        "You returned the encoder with its projection head on. The head is made for the loss: "
        "it throws away what does not help to tell households apart. Return what stands before "
        "it.",
        """
def train_encoder(views, make_encoder, loss, epochs, rng):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        return torch.nn.Sequential(*_train(views, make_encoder, loss, epochs, rng)).eval()
""",
    ),
    Misconception(
        "train_encoder",
        "training_mode_on",
        "Your encoder is still in training mode: dropout adds noise, and batch normalisation "
        "mixes the rows of a batch. Call `encoder.eval()` before you return it.",
        """
def train_encoder(views, make_encoder, loss, epochs, rng):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        return _train(views, make_encoder, loss, epochs, rng)[0]
""",
    ),
    Misconception(
        "train_encoder",
        "global_seed",
        "You moved torch's (or NumPy's, or Python's) global random state. Dropout draws from "
        "it, so train inside `with torch.random.fork_rng(devices=[]):`, which puts it back, "
        "and seed it there from `rng`.",
        """
def train_encoder(views, make_encoder, loss, epochs, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return _train(views, make_encoder, loss, epochs, rng)[0].eval()
""",
    ),
]
