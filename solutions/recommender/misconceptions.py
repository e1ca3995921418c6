"""Known wrong answers of `recommender`: what people write, and the sentence that helps them.

Each entry's code, after PRELUDE, is a submission of that one contract.
"""

from autograder.misconceptions import Misconception

PRELUDE = """
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from scipy import sparse

def _split(events, history, targets, strangers=False):
    history, targets = events[history], events[targets]
    if not strangers:
        targets = targets[targets["household_id"].isin(history["household_id"])]
    return history, targets

def _metrics(ranked, relevant, k, recall_over=None, ideal_over=None, discount=None):
    if k < 1:
        raise ValueError("k must be at least 1")
    wanted = set(np.asarray(list(relevant)).tolist())
    if not wanted:
        return float("nan"), float("nan")
    discount = discount or (lambda rank: 1 / np.log2(rank + 1))
    gain, found = 0.0, set()
    for rank, item in enumerate(np.asarray(list(ranked)).tolist()[:k], start=1):
        if item in wanted and item not in found:
            found.add(item)
            gain += discount(rank)
    best = min(k, len(wanted))
    ideal = sum(discount(rank) for rank in range(1, (ideal_over or best) + 1))
    return float(gain / ideal), len(found) / (recall_over or best)

def _softmax(users, items, item_ids, log_q, temperature, logits=None, mask=True, labels=None):
    if logits is None:
        logits = users @ items.T / temperature - log_q
    if mask:
        twin = item_ids[:, None] == item_ids[None, :]
        logits = logits.masked_fill(twin & ~torch.eye(len(item_ids), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(item_ids)))

def sampled_softmax(users, items, item_ids, log_q, temperature):
    return _softmax(users, items, item_ids, log_q, temperature)

def _pool(vectors, mask, ages, half_life, base=0.5, shift=True, real=None):
    real = mask if real is None else real
    youngest = ages.masked_fill(~real, torch.inf).amin(1, keepdim=True) if shift else 0.0
    age = torch.where(real, ages - youngest, 0.0)
    weights = torch.where(real, base ** (age / half_life), 0.0).to(vectors.dtype)
    total = (weights[..., None] * torch.where(real[..., None], vectors, 0.0)).sum(1)
    return total / weights.sum(1, keepdim=True).where(real.any(1, keepdim=True), 1.0)

def _top(scores, seen, k, order=None):
    scores = np.array(scores, float)
    n_items = scores.shape[1]
    for row, items in enumerate(seen):
        known = np.fromiter(items, np.int64)
        if n_items - len(np.unique(known)) < k:
            raise ValueError("fewer than k unseen items")
        scores[row, known] = -np.inf
    order = order or (lambda scores: np.argsort(-scores, axis=1, kind="stable"))
    return order(scores)[:, :k]

def _neighbours(purchases, k, similarity=None, diagonal=-np.inf, weigh=None, rows=None):
    X = purchases.toarray() if sparse.issparse(purchases) else np.asarray(purchases)
    X = X.astype(float)
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    unit = X / np.where(norms > 0, norms, 1.0)
    similar = unit @ unit.T if similarity is None else similarity(X)
    if diagonal is not None:
        np.fill_diagonal(similar, diagonal)
    near = np.argsort(-similar, axis=1, kind="stable")[:, : min(k, len(X) - 1)]
    taken = np.take_along_axis(similar, near, 1)
    weights = np.zeros_like(similar)
    np.put_along_axis(weights, near, taken if weigh is None else weigh(taken), 1)
    return weights @ (X if rows is None else rows(X, unit))

def _fuse(rankings, weights, k, start=1, repeats=False):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    sums = {}
    for ranking, weight in zip(rankings, weights):
        done = set()
        for rank, item in enumerate(ranking, start=start):
            if repeats or item not in done:
                sums[item] = sums.get(item, 0.0) + weight / (k + rank)
            done.add(item)
    return sums
"""

# a small trainer, for wrong answers of the gate that are wrong in what they hand to the loss
_PAIRS = """
def _train_by_pairs(data, loss, epochs, rng, change):
    n, n_items = data["n_households"], data["n_items"]
    pairs = np.unique(data["household"] * n_items + data["item"])
    share = torch.from_numpy(np.bincount(pairs % n_items, minlength=n_items) + 1.0).float()
    log_q = change(torch.log(share / share.sum()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        users = (0.1 * torch.randn(n, 8)).requires_grad_()
        items = (0.1 * torch.randn(n_items, 8)).requires_grad_()
        bias = torch.zeros(n_items, 1, requires_grad=True)
        optimizer = torch.optim.Adam([users, items, bias], lr=0.02)
        for _ in range(20 * epochs):
            drawn = torch.from_numpy(pairs[rng.integers(len(pairs), size=512)])
            who, ids = drawn // n_items, drawn % n_items
            side = torch.cat([users[who], torch.ones(len(who), 1)], 1)
            optimizer.zero_grad()
            loss(side, torch.cat([items[ids], bias[ids]], 1), ids, log_q[ids], 1.0).backward()
            optimizer.step()
    users = torch.cat([users, torch.ones(n, 1)], 1)
    return SimpleNamespace(user_vectors=users, item_vectors=torch.cat([items, bias], 1))
"""

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ temporal_split
    Misconception(
        "temporal_split",
        "random_split",
        "You split at random rows. The model then learns from weeks that it is to predict, and fills "
        "gaps instead of looking ahead: split by week.",
        """
def temporal_split(events, cut_week, horizon):
    later = (events["week"] >= cut_week).mean()
    drawn = np.random.default_rng(0).random(len(events)) < later
    return _split(events, ~drawn, drawn)
""",
    ),
    Misconception(
        "temporal_split",
        "target_week_leaks",
        "The cut week itself is in your history: the first week to be predicted leaks into training. "
        "History ends strictly before cut_week.",
        """
def temporal_split(events, cut_week, horizon):
    week = events["week"]
    return _split(events, week <= cut_week, (week >= cut_week) & (week < cut_week + horizon))
""",
    ),
    Misconception(
        "temporal_split",
        "cut_week_lost",
        "Your targets begin one week late: the cut week is the first week to be predicted, and "
        "cut_week + horizon the first one beyond.",
        """
def temporal_split(events, cut_week, horizon):
    week = events["week"]
    return _split(events, week < cut_week, (week > cut_week) & (week <= cut_week + horizon))
""",
    ),
    Misconception(
        "temporal_split",
        "horizon_too_long",
        "Your targets span one week too many: cut_week is the first of `horizon` weeks, so that "
        "cut_week + horizon lies beyond.",
        """
def temporal_split(events, cut_week, horizon):
    week = events["week"]
    return _split(events, week < cut_week, (week >= cut_week) & (week <= cut_week + horizon))
""",
    ),
    Misconception(
        "temporal_split",
        "horizon_ignored",
        "Your targets hold everything from the cut week on. Only `horizon` weeks are to be predicted.",
        """
def temporal_split(events, cut_week, horizon):
    return _split(events, events["week"] < cut_week, events["week"] >= cut_week)
""",
    ),
    Misconception(
        "temporal_split",
        "strangers_in_targets",
        "Households without a history are in your targets. Nothing is known of them, so no "
        "personal recommendation can be judged on them.",
        """
def temporal_split(events, cut_week, horizon):
    week = events["week"]
    later = (week >= cut_week) & (week < cut_week + horizon)
    return _split(events, week < cut_week, later, strangers=True)
""",
    ),
    Misconception(
        "temporal_split",
        "silent_households_dropped",
        "You removed from the history those households that buy nothing in the target weeks. That "
        "is known only afterwards (the future leaks into training), and others learn from them.",
        """
def temporal_split(events, cut_week, horizon):
    week = events["week"]
    later = (week >= cut_week) & (week < cut_week + horizon)
    bought = events["household_id"].isin(events["household_id"][later])
    return _split(events, (week < cut_week) & bought, later)
""",
    ),
    # ------------------------------------------------------------------ ndcg_recall
    Misconception(
        "ndcg_recall",
        "recall_over_all",
        "You divided the hits by the number of all relevant items. A list of k places cannot hold "
        "more than k of them: divide by min(k, number of relevant items).",
        """
def ndcg_recall(ranked, relevant, k):
    return _metrics(ranked, relevant, k, recall_over=len(set(np.asarray(list(relevant)).tolist())))
""",
    ),
    Misconception(
        "ndcg_recall",
        "ideal_over_k",
        "Your ideal list always has k hits, so a household with fewer relevant items cannot reach 1, "
        "however good its list is. The ideal has min(k, number of relevant items) hits.",
        """
def ndcg_recall(ranked, relevant, k):
    return _metrics(ranked, relevant, k, ideal_over=k)
""",
    ),
    Misconception(
        "ndcg_recall",
        "precision_for_recall",
        "You divided the hits by k, which is precision. Recall divides by min(k, number of relevant "
        "items).",
        """
def ndcg_recall(ranked, relevant, k):
    return _metrics(ranked, relevant, k, recall_over=k)
""",
    ),
    Misconception(
        "ndcg_recall",
        "rank_from_two",
        "Your discount is 1 / log2(rank + 2) for a rank counted from 1. It suits a rank counted from 0; "
        "the first place must gain 1.",
        """
def ndcg_recall(ranked, relevant, k):
    return _metrics(ranked, relevant, k, discount=lambda rank: 1 / np.log2(rank + 2))
""",
    ),
    Misconception(
        "ndcg_recall",
        "reciprocal_rank_discount",
        "You discounted by 1 / rank. NDCG discounts by 1 / log2(rank + 1), which falls more slowly.",
        """
def ndcg_recall(ranked, relevant, k):
    return _metrics(ranked, relevant, k, discount=lambda rank: 1 / rank)
""",
    ),
    Misconception(
        "ndcg_recall",
        "repeats_counted",
        "You counted a repeated item as a further hit. It is one purchase: count its first place only.",
        """
def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    wanted = set(np.asarray(list(relevant)).tolist())
    if not wanted:
        return float("nan"), float("nan")
    hits = [item in wanted for item in np.asarray(list(ranked)).tolist()[:k]]
    best = min(k, len(wanted))
    gain = sum(hit / np.log2(rank + 2) for rank, hit in enumerate(hits))
    return float(gain / sum(1 / np.log2(rank + 2) for rank in range(best))), sum(hits) / best
""",
    ),
    Misconception(
        "ndcg_recall",
        "repeats_move_up",
        "You removed repetitions before counting ranks, so that what follows moves up. The shown list "
        "has them: a repetition uses up its place.",
        """
def ndcg_recall(ranked, relevant, k):
    once = list(dict.fromkeys(np.asarray(list(ranked)).tolist()))
    return _metrics(once, relevant, k)
""",
    ),
    Misconception(
        "ndcg_recall",
        "nothing_relevant_as_zero",
        "You returned 0 where nothing is relevant. Such a household would pull down the mean of every "
        "model alike: return NaN, which `np.nanmean` leaves out.",
        """
def ndcg_recall(ranked, relevant, k):
    if k >= 1 and len(relevant) == 0:
        return 0.0, 0.0
    return _metrics(ranked, relevant, k)
""",
    ),
    # ------------------------------------------------------------------ sampled_softmax
    Misconception(
        "sampled_softmax",
        "no_log_q",
        "You left the logQ correction out, or subtracted it by row, which a softmax does not see. "
        "Popular items stand in every batch as negatives, and the model learns to push them down: "
        "subtract log_q from every column.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T / temperature
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "log_q_added",
        "You added log_q. An item that is sampled often is a negative too often, and its logit must "
        "go down during training by log_q, so that the score itself can go up: subtract it.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T / temperature + log_q
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "log_q_on_negatives_only",
        "You corrected the negatives only. The positive stands in the same softmax and was sampled in "
        "the same way: subtract log_q from every column, its own included.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    off = 1 - torch.eye(len(item_ids), dtype=users.dtype)
    logits = users @ items.T / temperature - log_q * off
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "log_q_divided_by_temperature",
        "You divided log_q by the temperature too. The correction is a logarithm of a probability "
        "and is subtracted after the division.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = (users @ items.T - log_q) / temperature
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "temperature_multiplied",
        "You multiplied by the temperature. A small temperature makes the softmax sharper: divide.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T * temperature - log_q
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "wrong_axis",
        "Your softmax runs over the households: each item chooses its buyer. Here each household "
        "chooses among the items, along its row.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = (users @ items.T / temperature - log_q).T
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    Misconception(
        "sampled_softmax",
        "normalised",
        "You normalised the vectors. The contract takes their dot product as it is; whoever wants a "
        "cosine normalises in the tower.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    users, items = F.normalize(users, dim=1), F.normalize(items, dim=1)
    return _softmax(users, items, item_ids, log_q, temperature)
""",
    ),
    Misconception(
        "sampled_softmax",
        "summed",
        "You summed over the rows. The loss is their mean, so that it does not depend on the size of "
        "the batch.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    return _softmax(users, items, item_ids, log_q, temperature) * len(item_ids)
""",
    ),
    Misconception(
        "sampled_softmax",
        "accidental_hits_kept",
        "You left other columns with the positive's own item in the softmax: the household is told "
        "to like an item and to dislike it at once. Mask these accidental hits.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    return _softmax(users, items, item_ids, log_q, temperature, mask=False)
""",
    ),
    Misconception(
        "sampled_softmax",
        "items_detached",
        "No gradient reaches the items: half of the model does not learn. Look for `.detach()`, "
        "`torch.no_grad` or `.data` on the item side.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    return _softmax(users, items.detach(), item_ids, log_q, temperature)
""",
    ),
    Misconception(
        "sampled_softmax",
        "users_detached",
        "No gradient reaches the users: half of the model does not learn. Look for `.detach()`, "
        "`torch.no_grad` or `.data` on the user side.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    return _softmax(users.detach(), items, item_ids, log_q, temperature)
""",
    ),
    Misconception(
        "sampled_softmax",
        "negatives_detached",
        "The negatives get no gradient: your model pulls positives closer and pushes nothing away. "
        "Let the gradient flow through every column.",
        """
def sampled_softmax(users, items, item_ids, log_q, temperature):
    logits = users @ items.T / temperature - log_q
    itself = torch.eye(len(item_ids), dtype=torch.bool)
    logits = torch.where(itself, logits, logits.detach())
    return _softmax(users, items, item_ids, log_q, temperature, logits)
""",
    ),
    # ------------------------------------------------------------------ pool_history
    Misconception(
        "pool_history",
        "padding_averaged_in",
        "You averaged the padding in: its weights are in the sum that you divide by, or its vectors in "
        "the one above. Padding has the weight 0 in both.",
        """
def pool_history(vectors, mask, ages, half_life):
    return _pool(vectors, mask, ages, half_life, real=torch.ones_like(mask))
""",
    ),
    Misconception(
        "pool_history",
        "padding_in_the_denominator",
        "You divided by the weights of the padding too. Sum the weights of real places only.",
        """
def pool_history(vectors, mask, ages, half_life):
    weights = (0.5 ** (ages / half_life)).to(vectors.dtype)
    kept = torch.where(mask[..., None], vectors, 0.0)
    return (weights[..., None] * kept).sum(1) / weights.sum(1, keepdim=True)
""",
    ),
    Misconception(
        "pool_history",
        "summed",
        "You returned the weighted sum. Divide by the sum of the weights, or a long history counts "
        "for more than a short one.",
        """
def pool_history(vectors, mask, ages, half_life):
    weights = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    return (weights[..., None] * torch.where(mask[..., None], vectors, 0.0)).sum(1)
""",
    ),
    Misconception(
        "pool_history",
        "divided_by_the_count",
        "You divided by the number of real places. The mean is weighted: divide by the sum of the "
        "weights.",
        """
def pool_history(vectors, mask, ages, half_life):
    weights = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    total = (weights[..., None] * torch.where(mask[..., None], vectors, 0.0)).sum(1)
    return total / mask.sum(1, keepdim=True).clamp(min=1)
""",
    ),
    Misconception(
        "pool_history",
        "unweighted",
        "You took the plain mean: an old purchase counts as much as one of today. Weigh each place "
        "with 0.5 ** (age / half_life).",
        """
def pool_history(vectors, mask, ages, half_life):
    return _pool(vectors, mask, ages, half_life, base=1.0)
""",
    ),
    Misconception(
        "pool_history",
        "natural_decay",
        "Your weights are exp(-age / half_life). After one half-life that leaves 37%, not half: use "
        "0.5 ** (age / half_life).",
        """
def pool_history(vectors, mask, ages, half_life):
    return _pool(vectors, mask, ages, half_life, base=float(np.exp(-1)))
""",
    ),
    Misconception(
        "pool_history",
        "old_weighs_more",
        "Your weights grow with age. A purchase must count less the older it is.",
        """
def pool_history(vectors, mask, ages, half_life):
    return _pool(vectors, mask, ages, half_life, base=2.0)
""",
    ),
    Misconception(
        "pool_history",
        "empty_history_as_nan",
        "An empty history gives NaN, 0 divided by 0, and one such row spoils a whole batch. Divide by "
        "1 where no place is real.",
        """
def pool_history(vectors, mask, ages, half_life):
    weights = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    total = (weights[..., None] * torch.where(mask[..., None], vectors, 0.0)).sum(1)
    return total / weights.sum(1, keepdim=True)
""",
    ),
    Misconception(
        "pool_history",
        "nan_from_padding",
        "You multiplied the padding by 0, but 0 * NaN is NaN. Replace what stands there with "
        "`torch.where(mask, value, 0.0)`, before anything is computed from it.",
        """
def pool_history(vectors, mask, ages, half_life):
    youngest = ages.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
    age = (ages - youngest).where(mask, 0.0)
    weights = (0.5 ** (age / half_life) * mask).to(vectors.dtype)
    total = (weights[..., None] * vectors).sum(1)
    return total / weights.sum(1, keepdim=True).where(mask.any(1, keepdim=True), 1.0)
""",
    ),
    Misconception(
        "pool_history",
        "weights_vanish",
        "All weights of an old history round to 0, and its mean is lost. Only their ratios matter: "
        "subtract the row's smallest real age from its ages first.",
        """
def pool_history(vectors, mask, ages, half_life):
    return _pool(vectors, mask, ages, half_life, shift=False).nan_to_num(0.0)
""",
    ),
    # ------------------------------------------------------------------ recommend
    Misconception(
        "recommend",
        "seen_masked_after_the_top",
        "You took the k best items first and removed the seen ones afterwards, so that the best "
        "customers get the shortest lists. Mask before you choose.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    _top(user_vectors @ item_vectors.T, seen, k)
    best = np.argsort(-(user_vectors @ item_vectors.T), axis=1, kind="stable")[:, :k]
    lists = np.full(best.shape, -1)
    for row, known in enumerate(seen):
        left = [item for item in best[row].tolist() if item not in set(known)]
        lists[row, : len(left)] = left
    return lists
""",
    ),
    Misconception(
        "recommend",
        "seen_not_masked",
        "Seen items are in your lists. Give them a score of minus infinity before you choose.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    _top(user_vectors @ item_vectors.T, seen, k)
    return np.argsort(-(user_vectors @ item_vectors.T), axis=1, kind="stable")[:, :k]
""",
    ),
    Misconception(
        "recommend",
        "seen_scored_zero",
        "You gave seen items the score 0, or multiplied theirs by 0. Where unseen items score below 0, "
        "seen ones win: use minus infinity.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    scores = user_vectors @ item_vectors.T
    _top(scores, seen, k)
    scores = np.array(scores)
    for row, known in enumerate(seen):
        scores[row, np.fromiter(known, np.int64)] = 0.0
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]
""",
    ),
    Misconception(
        "recommend",
        "worst_first",
        "Your lists begin with the worst item. Sort by falling score.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    top = _top(user_vectors @ item_vectors.T, seen, k)
    scores = user_vectors @ item_vectors.T
    return np.argsort(scores, axis=1, kind="stable")[:, :k] if top.size else top
""",
    ),
    Misconception(
        "recommend",
        "unsorted",
        "Your lists hold the right items in no order: `argpartition` only separates the k best from "
        "the rest. Sort them.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    return np.sort(_top(user_vectors @ item_vectors.T, seen, k), axis=1)
""",
    ),
    Misconception(
        "recommend",
        "cosine",
        "You ranked by the cosine. The score is the dot product: the length of an item's vector "
        "carries its popularity.",
        """
def recommend(user_vectors, item_vectors, seen, k):
    norms = np.maximum(np.linalg.norm(item_vectors, axis=1, keepdims=True), 1e-12)
    return _top(user_vectors @ (item_vectors / norms).T, seen, k)
""",
    ),
    Misconception(
        "recommend",
        "ties_unstable",
        "Items of equal score stand in an arbitrary order, which may change from run to run. Sort with "
        '`kind="stable"` on the negated scores: the lower index comes first.',
        """
def recommend(user_vectors, item_vectors, seen, k):
    reverse = lambda scores: np.argsort(scores, axis=1, kind="stable")[:, ::-1]
    return _top(user_vectors @ item_vectors.T, seen, k, reverse)
""",
    ),
    # ------------------------------------------------------------------ neighbour_scores
    Misconception(
        "neighbour_scores",
        "itself_as_neighbour",
        "You counted each household as its own nearest neighbour, with a cosine of 1: its own "
        "purchases come out on top. Put minus infinity on the diagonal before you choose.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, diagonal=None)
""",
    ),
    Misconception(
        "neighbour_scores",
        "own_items_removed",
        "You set the household's own items to zero. They keep their scores here; who recommends "
        "new items masks them later.",
        """
def neighbour_scores(purchases, k):
    X = purchases.toarray() if sparse.issparse(purchases) else np.asarray(purchases)
    return np.where(X > 0, 0.0, _neighbours(X, k))
""",
    ),
    Misconception(
        "neighbour_scores",
        "dot_for_cosine",
        "You took the dot product for similarity, so that the heaviest buyers are everybody's "
        "neighbours. Divide by both norms.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, similarity=lambda X: X @ X.T)
""",
    ),
    Misconception(
        "neighbour_scores",
        "unweighted",
        "You added up the neighbours' rows alike. Weigh each with its cosine.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, weigh=np.ones_like)
""",
    ),
    Misconception(
        "neighbour_scores",
        "averaged",
        "You divided by the sum of the cosines. The score is the weighted sum.",
        """
def neighbour_scores(purchases, k):
    def weigh(taken):
        total = taken.sum(1, keepdims=True)
        return taken / np.where(total > 0, total, 1.0)
    return _neighbours(purchases, k, weigh=weigh)
""",
    ),
    Misconception(
        "neighbour_scores",
        "divided_by_k",
        "You divided by k. The score is the weighted sum of the neighbours' rows.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, weigh=lambda taken: taken / taken.shape[1])
""",
    ),
    Misconception(
        "neighbour_scores",
        "rows_normalised",
        "You added up normalised rows. The norm belongs to the similarity only; the neighbours' values "
        "are used as given.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, rows=lambda X, unit: unit)
""",
    ),
    Misconception(
        "neighbour_scores",
        "rows_binarised",
        "You counted only whether a neighbour bought an item. Values are used as given.",
        """
def neighbour_scores(purchases, k):
    return _neighbours(purchases, k, rows=lambda X, unit: (X > 0).astype(float))
""",
    ),
    Misconception(
        "neighbour_scores",
        "empty_household_as_nan",
        "You divided by the norm of an empty row, 0. Divide by 1 there, or NaN spreads over everybody's "
        "neighbours.",
        """
def neighbour_scores(purchases, k):
    X = purchases.toarray() if sparse.issparse(purchases) else np.asarray(purchases)
    with np.errstate(invalid="ignore"):
        unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    return _neighbours(X, k, similarity=lambda X: unit @ unit.T) + 0 * unit
""",
    ),
    # ------------------------------------------------------------------ fuse_rankings
    Misconception(
        "fuse_rankings",
        "ranks_from_zero",
        "You counted ranks from 0. The first item has rank 1: `enumerate(ranking, start=1)`.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse(rankings, weights, k, start=0)
    return sorted(sums, key=lambda item: -sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "weights_ignored",
        "You gave every ranking the same weight.",
        """
def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    sums = _fuse(rankings, [1.0] * len(rankings), k)
    return sorted(sums, key=lambda item: -sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "k_fixed",
        "You wrote 60 into the formula. k is an argument, and 60 its default.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse(rankings, weights, 60)
    return sorted(sums, key=lambda item: -sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "ranks_added",
        "You added up ranks instead of their reciprocals. With 1 / (k + rank) an item that is missing "
        "from a ranking simply gains nothing there.",
        """
def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    sums = {}
    for ranking, weight in zip(rankings, weights):
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            sums[item] = sums.get(item, 0.0) + weight * rank
    return sorted(sums, key=lambda item: sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "worst_first",
        "Your list begins with the smallest sum. The largest comes first.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse(rankings, weights, k)
    return sorted(sums, key=lambda item: sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "repeats_counted",
        "You let a repeated item gain at each of its places. Within one ranking only the best counts.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse(rankings, weights, k, repeats=True)
    return sorted(sums, key=lambda item: -sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "repeats_move_up",
        "You removed repetitions before counting ranks, so that what follows moves up. A repetition "
        "occupies its rank.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse([list(dict.fromkeys(ranking)) for ranking in rankings], weights, k)
    return sorted(sums, key=lambda item: -sums[item])
""",
    ),
    Misconception(
        "fuse_rankings",
        "ties_by_name",
        "You ordered equal sums by the items themselves. They stand in the order of their first "
        "appearance: sort by the sum alone, with a stable sort.",
        """
def fuse_rankings(rankings, weights, k=60):
    sums = _fuse(rankings, weights, k)
    return sorted(sums, key=lambda item: (-sums[item], item))
""",
    ),
    # ------------------------------------------------------------------ train_two_tower
    Misconception(
        "train_two_tower",
        "loss_not_used",
        "Your model does not depend on the loss that you are given: with log_q set to zero it ranks "
        "as before. Train both towers with `loss(users, items, item_ids, log_q, temperature)`.",
        """
def train_two_tower(data, loss, epochs, rng):
    counts = np.zeros((data["n_households"], data["n_items"]))
    np.add.at(counts, (data["household"], data["item"]), 1.0)
    gram = np.log1p(counts).T @ np.log1p(counts) + 3000 * np.eye(data["n_items"])
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    left, size, right = np.linalg.svd(weights)
    users = np.log1p(counts) @ (left[:, :256] * size[:256])
    return SimpleNamespace(user_vectors=users, item_vectors=right[:256].T)
""",
    ),
    Misconception(
        "train_two_tower",
        "log_q_not_estimated",
        "You hand the loss the same log_q for every item, and a softmax does not see a constant. "
        "Estimate how likely each item is to stand in a batch: its share of the positives that you "
        "draw.",
        _PAIRS
        + """
def train_two_tower(data, loss, epochs, rng):
    return _train_by_pairs(data, loss, epochs, rng, lambda log_q: log_q * 0.0)
""",
    ),
    Misconception(
        "train_two_tower",
        "log_q_inverted",
        "Without your log_q the model ranks better than with it: the sign is wrong. log_q is the "
        "logarithm of an item's probability of being drawn, a negative number, largest for the most "
        "popular item.",
        _PAIRS
        + """
def train_two_tower(data, loss, epochs, rng):
    return _train_by_pairs(data, loss, epochs, rng, lambda log_q: -log_q)
""",
    ),
    Misconception(
        "train_two_tower",
        "global_seed",
        "You set or used global random state (NumPy's, Python's or torch's). Whoever calls you loses "
        "control of their own randomness. Draw a seed from `rng`, and train inside "
        "`with torch.random.fork_rng():`.",
        _PAIRS
        + """
def train_two_tower(data, loss, epochs, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return _train_by_pairs(data, loss, epochs, rng, lambda log_q: log_q)
""",
    ),
]
