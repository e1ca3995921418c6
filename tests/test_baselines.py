"""Baselines against naive formulas, and against what must not change their answers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, random_array

from shelfspace.baselines import (
    ALS,
    EASE,
    AttributeAffinity,
    Blend,
    ItemKNN,
    MeanText,
    PersonalFrequency,
    Popularity,
    PureSVD,
    TextNeighbours,
    TypePopularity,
    WithinClassWhitening,
    decayed_counts,
    log_counts,
    logistic_regression,
    random_encoder,
    recency_frequency_money,
    tfidf,
    tfidf_svd,
)

N_ITEMS = 12
TYPES = np.arange(N_ITEMS) % 4
VECTORS = np.random.default_rng(5).normal(size=(N_ITEMS, 6)).astype(np.float32)

RECOMMENDERS = {
    "popularity": Popularity,
    "frequency": PersonalFrequency,
    "knn_cosine": lambda: ItemKNN(N_ITEMS),
    "knn_bm25": lambda: ItemKNN(N_ITEMS, "bm25"),
    "als": lambda: ALS(4),
    "ease_primal": lambda: EASE(3.0, "primal"),
    "ease_dual": lambda: EASE(3.0, "dual"),
    "svd": lambda: PureSVD(3),
    "type_popularity": lambda: TypePopularity(TYPES),
    "affinity": lambda: AttributeAffinity(np.stack([TYPES, TYPES // 2], axis=1)),
    "text": lambda: TextNeighbours(VECTORS, 5),
}
every_recommender = pytest.mark.parametrize("make", RECOMMENDERS.values(), ids=RECOMMENDERS)

seeds = st.integers(0, 2**31)


def purchases(seed: int, n_households: int = 20, density: float = 0.3) -> csr_matrix:
    """Counts of 1..5; household 0 bought nothing, nobody bought item 0."""
    rng = np.random.default_rng(seed)
    shape = (n_households, N_ITEMS)
    counts = rng.integers(1, 6, shape) * (rng.random(shape) < density)
    counts[0] = counts[:, 0] = 0
    counts[1, 1] = 1  # whatever the draw, somebody bought something
    return csr_matrix(counts.astype(np.float32))


def all_scores(model, history) -> np.ndarray:
    return model.fit(history).scores(np.arange(history.shape[0]))


# the interface


@every_recommender
def test_scores_are_finite_float32_and_the_history_is_left_alone(make):
    history = purchases(0)
    before = history.copy()
    scores = all_scores(make(), history)
    assert scores.shape == history.shape
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert (history != before).nnz == 0


@every_recommender
def test_the_same_history_gives_the_same_scores(make):
    history = purchases(1)
    np.testing.assert_array_equal(all_scores(make(), history), all_scores(make(), history))


@every_recommender
def test_a_block_of_rows_is_a_block_of_the_scores(make):
    history = purchases(2)
    model = make()
    scores = all_scores(model, history)
    rows = np.array([7, 0, 7, 19])
    np.testing.assert_allclose(model.scores(rows), scores[rows], rtol=1e-5, atol=1e-5)
    assert model.scores([]).shape == (0, N_ITEMS)


@every_recommender
def test_nothing_global_is_random(make):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    all_scores(make(), purchases(3))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("name", sorted(set(RECOMMENDERS) - {"als"}))  # it starts at random
@settings(deadline=None, max_examples=10)
@given(seed=seeds)
def test_the_order_of_households_does_not_matter(name, seed):
    history = purchases(seed)
    order = np.random.default_rng(seed).permutation(history.shape[0])
    make = RECOMMENDERS[name]
    if name == "svd" and _has_close_singular_values(history, 3):
        return
    expected = all_scores(make(), history)[order]
    np.testing.assert_allclose(all_scores(make(), history[order]), expected, atol=1e-4, rtol=1e-4)


def _has_close_singular_values(history, k: int) -> bool:
    values = np.linalg.svd(history.toarray(), compute_uv=False)
    return values[k - 1] - values[k] < 1e-3 * values[0]


@every_recommender
def test_a_household_without_purchases_is_scored_by_what_others_bought_or_not_at_all(make):
    scores = all_scores(make(), purchases(4))
    personal = not isinstance(make(), Popularity | TypePopularity)
    assert (scores[0] == 0).all() == personal


@every_recommender
def test_bad_input_is_refused(make):
    history = purchases(5)
    with pytest.raises(ValueError, match="call fit"):
        make().scores([0])
    model = make().fit(history)
    for rows in ([20], [-1], [[0]], [0.5]):
        with pytest.raises(ValueError, match="rows"):
            model.scores(rows)
    for value in (-1.0, np.nan, np.inf):
        bad = history.toarray()
        bad[2, 2] = value
        with pytest.raises(ValueError, match="finite numbers"):
            make().fit(bad)
    with pytest.raises(ValueError, match="no purchase"):
        make().fit(np.zeros((20, N_ITEMS)))
    with pytest.raises(ValueError, match="matrix"):
        make().fit(np.zeros(N_ITEMS))


@pytest.mark.parametrize("model", [ItemKNN(13), ItemKNN(0), ALS(13), TextNeighbours(VECTORS, 13)])
def test_more_than_the_catalogue_holds_is_refused(model):
    with pytest.raises(ValueError, match=r"1\.\.12 \(the number of items\)"):
        model.fit(purchases(6))


def test_explicit_zeros_and_split_entries_mean_what_they_say():
    history = purchases(7)
    rows, columns = history.nonzero()
    cells = (np.r_[rows, rows, 0], np.r_[columns, columns, 0])
    halves = csr_matrix((np.r_[history.data / 2, history.data / 2, 0.0], cells), history.shape)
    np.testing.assert_allclose(all_scores(ALS(4), halves), all_scores(ALS(4), history), atol=1e-6)
    np.testing.assert_array_equal(
        all_scores(Popularity(), halves), all_scores(Popularity(), history)
    )


# each recommender


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_popularity_counts_households(seed):
    history = purchases(seed)
    expected = np.log1p((history.toarray() > 0).sum(0))
    np.testing.assert_allclose(all_scores(Popularity(), history)[3], expected, rtol=1e-6)


def test_purchases_fade_with_their_half_life():
    counts = decayed_counts([0, 0, 1], [2, 2, 0], [9, 5, 1], now=10, half_life=2, shape=(3, 4))
    expected = np.zeros((3, 4))
    expected[0, 2], expected[1, 0] = 0.5**0.5 + 0.5**2.5, 0.5**4.5
    np.testing.assert_allclose(counts.toarray(), expected)
    np.testing.assert_allclose(all_scores(PersonalFrequency(), counts), expected, rtol=1e-6)
    plain = decayed_counts([0, 0], [2, 2], [9, 5], now=10, half_life=np.inf, shape=(1, 4))
    assert plain[0, 2] == 2
    with pytest.raises(ValueError, match="to be predicted"):
        decayed_counts([0], [0], [10], now=10, half_life=2, shape=(1, 1))
    with pytest.raises(ValueError, match="positive"):
        decayed_counts([0], [0], [1], now=10, half_life=0, shape=(1, 1))


def test_log_counts_are_new():
    history = purchases(8)
    logs = log_counts(history)
    np.testing.assert_allclose(logs.toarray(), np.log1p(history.toarray()), rtol=1e-6)
    logs.data[:] = 0
    assert (history.data > 0).all()


def knn_by_loops(history: np.ndarray, k: int, weighting: str) -> np.ndarray:
    n_households, n_items = history.shape
    weighted = history.copy()
    if weighting == "bm25":
        totals = history.sum(0)
        for u in range(n_households):
            idf = np.log(n_items) - np.log1p((history[u] > 0).sum())
            for i in range(n_items):
                saturation = 1.2 * (0.25 + 0.75 * totals[i] / totals.mean()) + history[u, i]
                weighted[u, i] *= 2.2 / saturation * idf
    scores = np.zeros_like(history)
    for i in range(n_items):
        similarity = np.zeros(n_items)
        for j in range(n_items):
            dot = weighted[:, i] @ weighted[:, j]
            norms = np.linalg.norm(weighted[:, i]) * np.linalg.norm(weighted[:, j])
            similarity[j] = dot if weighting == "bm25" else dot / norms if norms else 0.0
        similarity[np.argsort(-similarity)[k:]] = 0
        scores += np.outer(history[:, i], similarity)
    return scores


@pytest.mark.parametrize("weighting", ["cosine", "bm25"])
@settings(deadline=None, max_examples=15)
@given(seed=seeds, k=st.integers(1, N_ITEMS))
def test_item_knn_against_loops(weighting, seed, k):
    rng = np.random.default_rng(seed)
    history = purchases(seed).toarray().astype(np.float64)
    history[history > 0] += rng.random((history > 0).sum())  # no two similarities are tied
    expected = knn_by_loops(history, k, weighting)
    np.testing.assert_allclose(
        all_scores(ItemKNN(k, weighting), history), expected, rtol=1e-4, atol=1e-4
    )


def als_objective(history: np.ndarray, u: np.ndarray, v: np.ndarray, l2, alpha) -> float:
    errors = (1 + alpha * history) * ((history > 0) - u @ v.T) ** 2
    return float(errors.sum() + l2 * ((u**2).sum() + (v**2).sum()))


@settings(deadline=None, max_examples=8)
@given(seed=seeds)
def test_als_lowers_its_objective_to_where_no_single_household_can(seed):
    history = purchases(seed, n_households=30)
    dense = history.toarray().astype(np.float64)
    l2, alpha = 0.5, 2.0

    def objective(iterations: int) -> float:
        model = ALS(4, l2, alpha, iterations, seed=seed).fit(history)
        return als_objective(dense, model.household_factors, model.item_factors, l2, alpha)

    rng = np.random.default_rng(seed)
    at_random = als_objective(
        dense, rng.normal(0, 0.1, (30, 4)), rng.normal(0, 0.1, (N_ITEMS, 4)), l2, alpha
    )
    assert objective(30) <= objective(2) + 1e-3
    assert objective(30) < 0.9 * at_random
    model = ALS(4, l2, alpha, 200, seed=seed).fit(history)
    v, u = model.item_factors.astype(np.float64), model.household_factors.astype(np.float64)
    for row in range(1, 5):
        c = 1 + alpha * dense[row]
        best = np.linalg.solve(v.T * c @ v + l2 * np.eye(4), v.T @ (c * (dense[row] > 0)))
        np.testing.assert_allclose(u[row], best, atol=0.03)


def test_als_is_deterministic_by_its_seed():
    history = purchases(9)
    first = all_scores(ALS(4, seed=1), history)
    assert not np.allclose(first, all_scores(ALS(4, seed=2), history), atol=1e-6)


def ease_by_definition(history: np.ndarray, l2: float) -> np.ndarray:
    """B, a column at a time: ridge regression on the other items."""
    n_items = history.shape[1]
    weights = np.zeros((n_items, n_items))
    for j in range(n_items):
        others = np.delete(np.arange(n_items), j)
        X = history[:, others]
        gram = X.T @ X + l2 * np.eye(n_items - 1)
        weights[others, j] = np.linalg.solve(gram, X.T @ history[:, j])
    return weights


@settings(deadline=None, max_examples=25)
@given(seed=seeds, l2=st.floats(0.1, 100.0), n_households=st.sampled_from([5, 12, 40]))
def test_ease_is_ridge_regression_on_the_other_items_in_both_forms(seed, l2, n_households):
    history = purchases(seed, n_households).astype(np.float64)
    weights = ease_by_definition(history.toarray(), l2)
    primal, dual = EASE(l2, "primal").fit(history), EASE(l2, "dual").fit(history)
    np.testing.assert_allclose(primal.item_weights, weights, atol=1e-9)
    assert (np.diag(primal.item_weights) == 0).all()
    rows = np.arange(n_households)
    expected = history @ weights
    np.testing.assert_allclose(primal.scores(rows), expected, atol=1e-6, rtol=1e-6)
    np.testing.assert_allclose(dual.scores(rows), expected, atol=1e-6, rtol=1e-6)


def test_ease_takes_the_smaller_inverse():
    wide, tall = purchases(10, n_households=5), purchases(10, n_households=40)
    assert EASE().fit(tall).item_weights.shape == (N_ITEMS, N_ITEMS)
    with pytest.raises(ValueError, match="primal"):
        _ = EASE().fit(wide).item_weights


def test_the_dual_form_of_ease_spans_blocks_of_households():
    counts = random_array((600, 50), density=0.1, rng=np.random.default_rng(0))
    np.testing.assert_allclose(
        all_scores(EASE(2.0, "dual"), counts), all_scores(EASE(2.0, "primal"), counts), atol=1e-6
    )


def test_pure_svd_is_the_projection_on_the_leading_singular_vectors():
    history = purchases(11)
    model = PureSVD(3).fit(history)
    V = np.linalg.svd(history.toarray().astype(np.float64))[2][:3].T
    np.testing.assert_allclose(model.scores(np.arange(20)), history @ V @ V.T, atol=1e-5)
    np.testing.assert_allclose(model.item_factors.T @ model.item_factors, np.eye(3), atol=1e-9)
    # the starting vector decides nothing, signs included
    np.testing.assert_allclose(
        PureSVD(3, seed=4).fit(history).item_factors, model.item_factors, atol=1e-7
    )
    for k in (0, 12):
        with pytest.raises(ValueError, match=r"1\.\.11"):
            PureSVD(k).fit(history)


def test_type_popularity_is_the_mean_over_bought_items():
    history = purchases(12)
    popularity = (history.toarray() > 0).sum(0)
    scores = all_scores(TypePopularity(TYPES), history)
    for item in range(N_ITEMS):
        same = popularity[(TYPES[item] == TYPES) & (popularity > 0)]
        assert scores[5, item] == pytest.approx(np.log1p(same.mean() if len(same) else 0))
    lonely = np.where(np.arange(N_ITEMS) == 0, 9, TYPES)  # nobody bought item 0, the only of type 9
    assert all_scores(TypePopularity(lonely), history)[3, 0] == 0


def test_affinity_adds_what_was_bought_with_the_same_attributes():
    history = purchases(13)
    dense = history.toarray()
    codes = np.stack([TYPES, np.arange(N_ITEMS) // 5], axis=1)
    scores = all_scores(AttributeAffinity(codes), history)
    for household, item in [(1, 0), (4, 7), (9, 11)]:
        shared = [dense[household, column == column[item]].sum() for column in codes.T]
        assert scores[household, item] == pytest.approx(np.log1p(shared).sum(), rel=1e-5)


@settings(deadline=None, max_examples=15)
@given(seed=seeds, k=st.integers(1, N_ITEMS))
def test_text_neighbours_against_loops(seed, k):
    vectors = np.random.default_rng(seed).normal(size=(N_ITEMS, 5))
    vectors[3] = 0  # no text
    history = purchases(seed).toarray()
    bought = [j for j in range(N_ITEMS) if history[:, j].any()]
    expected = np.zeros_like(history)
    for i in range(N_ITEMS):
        cosines = {}
        for j in bought:
            norms = np.linalg.norm(vectors[i]) * np.linalg.norm(vectors[j])
            cosines[j] = vectors[i] @ vectors[j] / norms if norms and i != j else 0.0
        for j in sorted(bought, key=lambda j: -cosines[j])[:k]:
            expected[:, i] += history[:, j] * max(cosines[j], 0) ** 4
    np.testing.assert_allclose(
        all_scores(TextNeighbours(vectors, k), history), expected, rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("make", [TypePopularity, TextNeighbours, AttributeAffinity])
def test_what_describes_the_items_must_fit_them(make):
    values = TYPES[1:] if make is TypePopularity else TYPES[1:, None]
    with pytest.raises(ValueError, match="describes 11 items, but the history has 12"):
        make(values).fit(purchases(14))
    with pytest.raises(ValueError, match="must be"):
        make(np.full(values.shape, np.nan))


def test_items_without_purchases_are_scored_by_what_they_are():
    history = purchases(15, density=0.5)
    for name in ("type_popularity", "affinity", "text"):
        assert all_scores(RECOMMENDERS[name](), history)[:, 0].max() > 0, name
    for name in ("popularity", "knn_cosine", "als", "ease_primal", "ease_dual", "svd"):
        assert np.abs(all_scores(RECOMMENDERS[name](), history)[:, 0]).max() < 1e-5, name


def test_a_blend_adds_standard_scores():
    history = purchases(16, density=0.6)
    parts = [EASE(3.0).fit(history), Popularity().fit(history)]
    rows = np.arange(1, 20)
    z = [
        (s - s.mean(1, keepdims=True)) / s.std(1, keepdims=True)
        for s in (part.scores(rows).astype(np.float64) for part in parts)
    ]
    blend = Blend(parts, [1.0, 0.25])
    np.testing.assert_allclose(blend.scores(rows), z[0] + 0.25 * z[1], atol=1e-4)
    assert blend.scores(rows).dtype == np.float32
    # a household without purchases has nothing but popularity to go by
    np.testing.assert_array_equal(
        blend.scores([0]).argsort(1, kind="stable"), parts[1].scores([0]).argsort(1, kind="stable")
    )
    np.testing.assert_array_equal(Blend(parts, [0, 0]).scores(rows), np.zeros((19, N_ITEMS)))
    for weights in ([1.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="weights"):
            Blend(parts, weights)
    with pytest.raises(ValueError, match="0 parts"):
        Blend([], [])


# features of households


def test_recency_frequency_money_by_hand():
    lines = pd.DataFrame(
        {
            "household": [2, 2, 2, 0],
            "day": [12, 11, 20, 24],
            "basket_id": [1, 0, 2, 3],
            "spend": [2.0, 3.0, 4.0, -1.0],
        }
    )
    features = np.expm1(recency_frequency_money(lines, 3, first_day=11, last_day=24))
    np.testing.assert_allclose(features[0], [0, 0, 1, 1, 0, 0])  # a refund is no negative spend
    np.testing.assert_allclose(features[1], [14, 0, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(features[2], [4, 13, 3, 2, 9, 3])
    shuffled = recency_frequency_money(lines.sample(frac=1, random_state=0), 3, 11, 24)
    np.testing.assert_array_equal(shuffled, recency_frequency_money(lines, 3, 11, 24))
    with pytest.raises(ValueError, match="days"):
        recency_frequency_money(lines, 3, first_day=12, last_day=24)
    with pytest.raises(ValueError, match="households"):
        recency_frequency_money(lines, 2, first_day=11, last_day=24)


def test_tfidf_by_definition():
    train, other = purchases(17).toarray(), purchases(18).toarray()
    idf = np.log((1 + len(train)) / (1 + (train > 0).sum(0))) + 1
    with np.errstate(divide="ignore"):
        weights = np.where(other > 0, 1 + np.log(other), 0) * idf
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    expected = weights / np.where(lengths > 0, lengths, 1)
    found = tfidf().fit(csr_matrix(train)).transform(csr_matrix(other)).toarray()
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("make", [tfidf_svd, random_encoder])
def test_dense_encoders(make):
    train, other = purchases(19), purchases(20)
    first = make(5, 0).fit(train)
    z = first.transform(other)
    assert z.shape == (20, 5)
    assert (z[0] == 0).all()  # no purchases
    np.testing.assert_allclose(np.linalg.norm(z[1:], axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(make(5, 0).fit(train).transform(other), z)
    same = np.allclose(make(5, 1).fit(train).transform(other), z, atol=1e-6)
    assert same == (make is tfidf_svd)  # its seed decides nothing that one can see
    np.testing.assert_allclose(first.transform(other[::-1]), z[::-1], atol=1e-6)


def test_the_svd_of_tfidf_keeps_most_of_the_inner_products():
    counts = purchases(21, n_households=40)
    sparse = tfidf().fit_transform(counts).toarray()
    z = tfidf_svd(11, 0).fit(counts).transform(counts)
    np.testing.assert_allclose(z @ z.T, sparse @ sparse.T, atol=1e-4)  # item 0 has no purchases
    with pytest.raises(ValueError, match="k"):
        tfidf_svd(13, 0).fit(counts)


def test_mean_text_is_a_weighted_mean():
    train, other = purchases(22), purchases(23)
    means = MeanText(VECTORS).fit(train).transform(other)
    weights = tfidf().fit(train).transform(other).toarray()
    weights[1:] /= weights[1:].sum(1, keepdims=True)
    np.testing.assert_allclose(means, weights @ VECTORS, atol=1e-5)
    assert means.dtype == np.float32
    assert (means[0] == 0).all()
    with pytest.raises(ValueError, match="11 vectors, but the counts have 12"):
        MeanText(VECTORS[1:]).fit(train)


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_whitening_makes_the_within_class_covariance_the_identity(seed):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(4, 4)) + 3 * np.eye(4)
    household = rng.normal(size=(50, 4))
    a, b = (household + rng.normal(size=(50, 4)) @ mixing for _ in "ab")
    whitening = WithinClassWhitening(shrinkage=0.0).fit(a, b)
    a, b = whitening.transform(a), whitening.transform(b)
    mean = (a + b) / 2
    within = ((a - mean).T @ (a - mean) + (b - mean).T @ (b - mean)) / (2 * len(a))
    np.testing.assert_allclose(within, np.eye(4), atol=1e-8)


def test_whitening_of_few_pairs_needs_shrinkage():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 8))
    with pytest.raises(ValueError, match="singular"):
        WithinClassWhitening(0.0).fit(a, b)
    whitening = WithinClassWhitening(0.5).fit(a, b)
    assert (whitening.transform(np.zeros((2, 8))) == 0).all()
    # nothing but the identity left: the map is a scale
    z = rng.normal(size=(5, 8))
    scaled = WithinClassWhitening(1.0).fit(a, b).transform(z)
    np.testing.assert_allclose(scaled / z, (scaled / z)[0, 0])
    for wrong in (a[:2], a[:, :2], a[0]):
        with pytest.raises(ValueError, match="one shape"):
            WithinClassWhitening().fit(wrong, b)
    with pytest.raises(ValueError, match=r"0\.\.1"):
        WithinClassWhitening(1.5)


# the package


def test_logistic_regression_scales_and_learns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2)) * [1.0, 1e6]
    y = (X[:, 0] + X[:, 1] / 1e6 > 0).astype(int)
    assert logistic_regression().fit(X, y).score(X, y) > 0.95


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, shelfspace.baselines; "
        "print({'scipy', 'sklearn', 'pandas', 'torch', 'implicit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
