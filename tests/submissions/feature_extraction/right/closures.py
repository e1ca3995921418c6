"""Functions that make functions."""

import functools
from contextlib import contextmanager

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

CHECKS = {}


def demands(*conditions):
    """Refuse arguments for which a condition does not hold."""

    def decorate(function):
        CHECKS[function.__name__] = conditions

        @functools.wraps(function)
        def checked(*args):
            for condition, sentence in CHECKS[function.__name__]:
                if not condition(*args):
                    raise ValueError(sentence)
            return function(*args)

        return checked

    return decorate


@demands(
    (lambda weeks, low, high, rng: low >= 1, "min_weeks must be 1 or more."),
    (lambda weeks, low, high, rng: high >= low, "max_weeks must not be below min_weeks."),
    (lambda weeks, low, high, rng: np.unique(weeks).size >= 2 * low, "Too few active weeks."),
)
def two_views(weeks, low, high, rng):
    active = np.unique(weeks)
    # draw both sizes until they fit
    draw = lambda: rng.integers(low, high + 1)
    while True:
        a, b = draw(), draw()
        if a + b <= active.size:
            break
        if high > active.size:
            high = active.size
    label = np.repeat([0, 1, 2], [a, b, active.size - a - b])
    rng.shuffle(label)
    of_event = label[np.searchsorted(active, weeks)]
    return of_event == 0, of_event == 1


def cropped(rng, mask_id):
    def crop(items, length):
        length = length or 1
        start = rng.integers(0, len(items) - length + 1)
        return np.take(items, np.arange(start, start + length))

    return crop


def masked(rng, mask_id):
    def mask(items, length):
        hidden = np.zeros(len(items), dtype=bool)
        hidden[:length] = True
        rng.shuffle(hidden)
        result = np.array(items)
        result[hidden] = mask_id
        return result

    return mask


def reordered(rng, mask_id):
    def reorder(items, length):
        order = np.arange(len(items))
        start = rng.integers(0, len(items) - length + 1)
        order[start : start + length] = rng.permutation(order[start : start + length])
        return items[order]

    return reorder


MAKERS = {"crop": cropped, "mask": masked, "reorder": reordered}


@demands(
    (lambda items, *_: len(items) > 0, "An empty sequence has no variations."),
    (lambda items, kind, *_: kind in MAKERS, "Unknown kind."),
    (lambda items, kind, rate, *_: 0 <= rate <= 1, "rate must be in [0, 1]."),
)
def augment_sequence(items, kind, rate, mask_id, rng):
    return MAKERS[kind](rng, mask_id)(items, int(np.floor(rate * len(items))))


def similarity_at(temperature):
    def similarity(x, y):
        nx, ny = (torch.linalg.vector_norm(z, dim=-1, keepdim=True) for z in (x, y))
        x, y = (z / n.clamp(min=1e-12) for z, n in ((x, nx), (y, ny)))
        return x @ y.mT / temperature

    return similarity


def one_direction(similarity):
    def direction(anchors, others):
        positive = similarity(anchors, others).diagonal()
        within = similarity(anchors, anchors)
        off = [torch.cat([row[:i], row[i + 1 :]]) for i, row in enumerate(within)]
        candidates = torch.cat([similarity(anchors, others), torch.stack(off)], dim=1)
        return (candidates.logsumexp(1) - positive).mean()

    return direction


def nt_xent(z_a, z_b, temperature):
    direction = one_direction(similarity_at(temperature))
    return 0.5 * (direction(z_a, z_b) + direction(z_b, z_a))


def on_the_sphere(function):
    def on_rows(*views):
        return function(*(torch.nn.functional.normalize(view.double(), dim=1) for view in views))

    return on_rows


@on_the_sphere
def alignment_of(a, b):
    return (2 - 2 * (a * b).sum(1)).mean()


@on_the_sphere
def uniformity_of(z):
    return torch.pdist(z).pow(2).mul(-2).exp().mean().log()


@demands((lambda z_a, z_b: len(z_a) >= 2, "There must be at least two rows."))
def alignment_uniformity(z_a, z_b):
    with torch.no_grad():
        return (
            alignment_of(z_a, z_b).item(),
            np.mean([uniformity_of(z).item() for z in (z_a, z_b)]),
        )


@demands(
    (lambda query, key, m: 0 <= m <= 1, "m must be in [0, 1]."),
    (lambda query, key, m: set(query) == set(key), "Names differ."),
    (lambda query, key, m: all(query[k].shape == key[k].shape for k in key), "Shapes differ."),
)
def momentum_update(query, key, m):
    def average(old, new):
        if not new.is_floating_point():
            return new.clone()
        return (m * old.double() + (1 - m) * new.double()).to(old.dtype, copy=True)

    return {name: average(key[name], query[name]) for name in key}


@demands(
    (lambda queries, gallery, true, k: k >= 1, "k must be positive."),
    (lambda queries, gallery, true, k: (true >= 0).all(), "Negative index."),
    (lambda queries, gallery, true, k: (true < len(gallery)).all(), "Index too large."),
)
def retrieval_recall(queries, gallery, true, k):
    gallery = gallery.astype(np.float64)
    lengths = np.linalg.norm(gallery, axis=1)

    def cosines(query):
        query = query.astype(np.float64)
        return np.divide(
            gallery @ query,
            lengths * np.linalg.norm(query),
            out=np.zeros(len(gallery)),
            where=lengths * np.linalg.norm(query) > 0,
        )

    def hit(query, index):
        found = cosines(query)
        return np.sum(found >= found[index] - 1e-9) <= k

    return float(np.mean([hit(query, index) for query, index in zip(queries, true)]))


def chosen_probe(X, y, seed):
    scaler = StandardScaler().fit(X)
    fewest = min(np.bincount(y))
    if fewest >= 2:
        folds = StratifiedKFold(min(5, fewest), shuffle=True, random_state=seed)
        model = LogisticRegressionCV(
            Cs=[1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100],
            cv=folds,
            scoring="roc_auc",
            max_iter=1000,
            use_legacy_attributes=False,
        )
    else:
        model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(scaler.transform(X), y)
    return lambda rows: model.predict_proba(scaler.transform(rows))[:, 1]


@demands(
    (lambda X, y, groups, rng: len(set(groups.tolist())) >= 2, "Two groups at least."),
    (lambda X, y, groups, rng: len(set(y.tolist())) == 2, "Two classes exactly."),
)
def linear_probe(X, y, groups, rng):
    _, groups = np.unique(groups, return_inverse=True)
    n_folds = min(5, groups.max() + 1)
    fold_of_group = rng.permutation(np.arange(groups.max() + 1) % n_folds)
    fold, y = fold_of_group[groups], np.asarray(y, dtype=int)

    def auc(number):
        test = fold == number
        if np.unique(y[test]).size < 2 or np.unique(y[~test]).size < 2:
            return np.nan
        probe = chosen_probe(X[~test], y[~test], int(rng.integers(2**31)))
        return roc_auc_score(y[test], probe(X[test]))

    aucs = np.array([auc(number) for number in range(n_folds)])
    aucs = aucs[~np.isnan(aucs)]
    return (aucs.mean(), aucs.std()) if aucs.size else (np.nan, np.nan)


@contextmanager
def seeded(rng):
    before = torch.get_rng_state()
    torch.manual_seed(int(rng.integers(2**31)))
    yield
    torch.set_rng_state(before)


def train_encoder(views, make_encoder, loss, epochs, rng):
    with seeded(rng):
        encoder, head = make_encoder(rng)
        weights = list(encoder.parameters()) + list(head.parameters())
        optimizer = torch.optim.RMSprop(weights, lr=5e-4)

        def step(batch):
            optimizer.zero_grad()
            value = loss(*(head(encoder(x)) for x in batch), 0.1)
            value.backward()
            optimizer.step()

        for _ in range(epochs):
            x_a, x_b = views()
            cuts = range(0, len(x_a) - 1, 256)
            for start in cuts:
                step((x_a[start : start + 256], x_b[start : start + 256]))
    return encoder.requires_grad_(False).eval()
