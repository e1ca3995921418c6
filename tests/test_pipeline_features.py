"""The pipeline of feature_extraction, on a small shop that is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from shelfspace.data import Journey, build_purchases
from shelfspace.pipelines import feature_extraction as pipeline

TINY = pipeline.Settings(
    text_encoder="",
    dimension=6,
    inputs=12,
    item_width=6,
    hidden=8,
    steps=6,
    linear_steps=6,
    batch=16,
    min_weeks=2,
    max_weeks=10,
    validate_every=3,
    pool=2,
    demographics=2,
    bootstrap=50,
)
FUTURE = "AUC, stays away in weeks 49-52"


# Contracts, in their simplest form


def two_views(weeks, min_weeks, max_weeks, rng):
    active = rng.permutation(np.unique(weeks))
    size = min(max_weeks, len(active) // 2)
    return np.isin(weeks, active[:size]), np.isin(weeks, active[size : 2 * size])


def augment_sequence(items, kind, rate, mask_id, rng):
    length = int(rate * len(items))
    start = rng.integers(len(items) - length + 1)
    if kind == "crop":
        return items[start : start + max(1, length)].copy()
    varied = items.copy()
    stretch = slice(start, start + length)
    varied[stretch] = mask_id if kind == "mask" else rng.permutation(varied[stretch])
    return varied


def nt_xent(z_a, z_b, temperature):
    logits = F.normalize(z_a, dim=1) @ F.normalize(z_b, dim=1).T / temperature
    return F.cross_entropy(logits, torch.arange(len(z_a)))


def alignment_uniformity(z_a, z_b):
    a, b = F.normalize(z_a, dim=1), F.normalize(z_b, dim=1)
    spread = (-2 * torch.pdist(a).square()).exp().mean().log()
    return float((a - b).square().sum(1).mean()), float(spread)


def retrieval_recall(queries, gallery, true_index, k):
    def unit(rows):
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

    cosine = unit(queries) @ unit(gallery).T
    rivals = cosine >= cosine[np.arange(len(queries)), true_index][:, None] - 1e-9
    return float((rivals.sum(1) <= k).mean())


def linear_probe(features, target, groups, rng):
    test = rng.random(len(target)) < 0.5
    if len(np.unique(target[test])) < 2 or len(np.unique(target[~test])) < 2:
        return np.nan, np.nan
    model = LogisticRegression().fit(features[~test], target[~test])
    return float(roc_auc_score(target[test], model.decision_function(features[test]))), 0.0


CONTRACTS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        two_views,
        augment_sequence,
        nt_xent,
        alignment_uniformity,
        retrieval_recall,
        linear_probe,
    )
}


# A shop of 80 households, each with its favourites among 60 products of 30 types


def make_journey(
    households: int = 80, seed: int = 0, late_seed: int = 0, only_one_half: int = 0
) -> Journey:
    rng = np.random.default_rng(seed)
    favourites = [rng.choice(60, 8, replace=False) for _ in range(households)]
    lines = []
    for week in range(2, 54):
        if week == 49:
            rng = np.random.default_rng([seed, late_seed])  # all that comes later
        for household in range(households):
            if rng.random() < 0.4 or (household < only_one_half and week > 24):
                continue
            day = 7 * week - 12 + int(rng.integers(7))
            own = rng.choice(favourites[household], 4, replace=False)
            for product in [*own, *rng.choice(60, 2, replace=False)]:
                value = float(rng.integers(1, 9))
                lines.append((household, week * 1000 + household, product, day, week, value))
    columns = ["household_id", "basket_id", "product_id", "day", "week", "sales_value"]
    transactions = pd.DataFrame(lines, columns=columns).drop_duplicates(["basket_id", "product_id"])
    products = pd.DataFrame(
        {
            "product_id": np.arange(60),
            "manufacturer_id": np.arange(60) % 7,
            "department": [f"D{number % 3}" for number in range(60)],
            "brand": ["National", "Private"] * 30,
            "product_category": [f"C{number % 6}" for number in range(60)],
            "product_type": [f"T{number % 30}" for number in range(60)],
            "package_size": ["1 LB"] * 60,
        }
    )

    def ordered(values: list[str]) -> pd.Categorical:
        kind = pd.CategoricalDtype(values, ordered=True)
        return pd.Categorical(np.random.default_rng(1).choice(values, households), dtype=kind)

    demographics = pd.DataFrame(
        {
            "household_id": np.arange(households),
            "age": ordered(["35-44", "45-54", "55-64"]),
            "income": ordered(["35-49K", "50-74K"]),
            "household_size": ordered(["1", "2", "3"]),
            "kids_count": ordered(["0", "1"]),
            "marital_status": ["Married", "Unmarried"] * (households // 2),
        }
    )
    nothing = pd.DataFrame()
    return Journey(transactions, products, demographics, nothing, nothing, nothing, nothing)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A run of `TINY` in `make_journey()`: its folder and what it found."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        put_in_place(make_journey(), patch)
        return folder, run(folder)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Callable[[Journey], None]:
    """Puts a journey in the place of the real one."""

    return lambda journey: put_in_place(journey, monkeypatch)


def put_in_place(journey: Journey, patch: pytest.MonkeyPatch) -> None:
    purchases = {unit: build_purchases(journey, unit) for unit in ("product", "product_type")}
    patch.setattr(pipeline, "load_journey", lambda: journey)
    patch.setattr(pipeline, "load_purchases", purchases.__getitem__)


def run(folder: Path, settings: pipeline.Settings = TINY, **contracts: Any) -> dict[str, Any]:
    return pipeline.run(settings, CONTRACTS | contracts, folder, progress=False)


def without_future(result: dict[str, Any]) -> dict[str, Any]:
    rows = [{k: v for k, v in row.items() if k != FUTURE} for row in result["figures"]]
    reading = [line for line in result["reading"] if not line.startswith(FUTURE)]
    return result | {"figures": rows, "reading": reading, "data": ""}


def test_the_table_holds_the_simple_methods_and_the_trained_ones(whole: Any) -> None:
    _, result = whole
    assert json.loads(json.dumps(result)) == result
    rows = {row["method"]: row for row in result["figures"]}
    for method in (
        "TF-IDF of products",
        "TF-IDF of product types",
        "SVD of products",
        "SVD of products, whitened",
        "recency, frequency, money",
        "random projection of products",
        "bag encoder, untrained",
        "bag encoder, contrastive",
        "bag encoder, contrastive, CL4SRec",
        "linear encoder, contrastive",
    ):
        assert 0 <= rows[method]["recall@1, half-years"] <= 1
        assert np.isfinite([rows[method]["alignment"], rows[method]["uniformity"]]).all()
    # Households are their favourites here, which TF-IDF sees and dollars don't.
    assert rows["TF-IDF of products"]["recall@1, half-years"] > 0.8
    assert rows["recency, frequency, money"]["recall@1, half-years"] < 0.5
    svd = rows["SVD of products"]["dimension"]
    assert svd == rows["bag encoder, contrastive"]["dimension"] == TINY.dimension
    assert rows["bag encoder, contrastive"] != rows["bag encoder, untrained"]
    assert any("TF-IDF" in line and "is best" in line for line in result["reading"])
    for row in result["differences"]:
        assert row["95% from"] <= row["recall@1"] <= row["95% to"]


def test_nothing_after_week_48_changes_a_figure_but_the_future(
    shop: Any, whole: Any, tmp_path: Path
) -> None:
    _, before = whole
    changed = make_journey(late_seed=1)
    late = make_journey().transactions.query("week > 48"), changed.transactions.query("week > 48")
    assert not late[0].equals(late[1])
    shop(changed)
    assert without_future(run(tmp_path)) == without_future(before)


def test_a_repeat_is_bit_identical_and_leaves_random_state_alone(
    shop: Any, whole: Any, tmp_path: Path
) -> None:
    shop(make_journey())
    state = torch.get_rng_state()
    assert run(tmp_path) == whole[1]
    assert torch.equal(torch.get_rng_state(), state)
    assert whole[1]["data"] == pipeline.data_digest(TINY)


def test_another_seed_trains_other_encoders(shop: Any, whole: Any, tmp_path: Path) -> None:
    shop(make_journey())
    other = run(tmp_path, replace(TINY, seed=1))
    assert other["figures"][0] == whole[1]["figures"][0]  # TF-IDF, of the same split
    assert other["training"] != whole[1]["training"]


def test_a_killed_run_goes_on_to_the_same_figures(
    shop: Any, whole: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(make_journey())
    # A checkpoint after every 2 steps, and the power fails in the middle of the third training.
    monkeypatch.setattr(pipeline, "Checkpoints", lambda f: _every_two_steps(f))
    calls = iter(range(10**9))

    def fails(z_a, z_b, temperature):
        if next(calls) == 2 * TINY.steps + 3:
            raise KeyboardInterrupt
        return nt_xent(z_a, z_b, temperature)

    monkeypatch.setattr(pipeline, "_code_digest", lambda function: "the same")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", nt_xent=fails)
    steps: list[int] = []

    def counted(z_a, z_b, temperature):
        steps.append(1)
        return nt_xent(z_a, z_b, temperature)

    assert run(tmp_path / "killed", nt_xent=counted) == whole[1]
    assert len(steps) == TINY.linear_steps - 2


def _every_two_steps(folder: Path) -> Any:
    from shelfspace.training import Checkpoints

    return Checkpoints(folder, every_steps=2)


def test_checkpoints_of_another_loss_are_refused(shop: Any, whole: Any) -> None:
    shop(make_journey())
    with pytest.raises(RuntimeError, match="are of another run"):
        run(whole[0], nt_xent=lambda z_a, z_b, temperature: (z_a - z_b).square().mean())


def test_the_transformer_takes_the_place_of_the_bag(shop: Any, tmp_path: Path) -> None:
    shop(make_journey())
    sizes = {"layers": 1, "width": 8, "heads": 2, "feed_forward": 16, "max_events": 20}
    settings = replace(TINY, encoder="events", unit="product", chunk_rows=4, **sizes)
    result = run(tmp_path, settings)
    trained = result["training"]["transformer, contrastive"]
    assert trained["steps"] == TINY.steps
    methods = {row["method"] for row in result["figures"]}
    assert {"transformer, untrained", "transformer, contrastive, CL4SRec"} <= methods


def test_households_without_baskets_in_a_half_year_are_left_out_and_counted(
    shop: Any, tmp_path: Path
) -> None:
    shop(make_journey(only_one_half=10))
    households = run(tmp_path)["households"]
    assert households["left out: too few weeks, or none in a half-year"] == 10
    assert households["training"] + households["validation"] + households["unseen"] == 70


def test_empty_views_have_inputs() -> None:
    nothing = np.empty(0, np.int64), np.empty(0, np.int64)
    something = np.array([3, 1, 3]), np.array([5, 7, 9])
    items, counts = pipeline.bag_inputs([nothing, something])
    assert counts.tolist() == [[0, 0], [1, 2]]
    assert items.tolist()[1] == [1, 3]
    items, mask, ages = pipeline.event_inputs([nothing, something], max_events=2)
    assert mask.tolist() == [[False, False], [True, True]]
    assert (items.tolist()[1], ages.tolist()[1]) == ([3, 3], [4.0, 0.0])


def test_too_few_households_are_a_sentence(shop: Any, tmp_path: Path) -> None:
    shop(make_journey(households=16))
    with pytest.raises(ValueError, match=r"only .* households have baskets in both half-years"):
        run(tmp_path)
    shop(make_journey())
    with pytest.raises(ValueError, match="too few for 500 singular vectors"):
        run(tmp_path, replace(TINY, inputs=500))


def test_a_missing_contract_is_named(tmp_path: Path) -> None:
    some = {name: function for name, function in CONTRACTS.items() if name != "nt_xent"}
    with pytest.raises(KeyError, match="nt_xent"):
        pipeline.run(TINY, some, tmp_path)


def test_sizes_are_as_published() -> None:
    full = pipeline.SIZES["full"]
    assert (full.layers, full.width, full.heads, full.feed_forward) == (12, 768, 12, 3072)
    assert full.text_encoder == "all-mpnet-base-v2"
    assert full.encoder == "events"
