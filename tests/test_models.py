"""The networks: empty histories, padding, order, cold items, and one dot product per score."""

import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from shelfspace.models import (
    BASE,
    SMALL,
    EventTransformer,
    HouseholdEncoder,
    ItemTower,
    PooledHistory,
    TwoTower,
    WithHead,
    time_embedding,
)

N_ITEMS = 12
WITHOUT_DROPOUT = dataclasses.replace(SMALL, dropout=0.0)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def decayed_mean(vectors, mask, ages, half_life):
    vectors = vectors.masked_fill(~mask.unsqueeze(-1), 0.0)
    amounts = torch.where(mask, 0.5 ** (ages.masked_fill(~mask, 0.0) / half_life), 0.0)
    total = amounts.sum(dim=1, keepdim=True)
    return (vectors * amounts.unsqueeze(-1)).sum(dim=1) / total.masked_fill(total == 0, 1.0)


def make_users(kind, in_width=5, size=SMALL, seed=0, **more):
    if kind == "pooled":
        return PooledHistory(in_width, decayed_mean, out_width=6, seed=seed, **more)
    return EventTransformer(in_width, size, pool=kind, out_width=6, seed=seed)


def make_history(lengths=(4, 0, 1, 3), t=4, seed=0):
    mask = torch.arange(t) < torch.tensor(lengths)[:, None]
    ages = 400 * torch.rand(mask.shape, generator=torch.Generator().manual_seed(seed))
    return random(*mask.shape, 5, seed=seed), mask, ages


def make_items(seed=0, text=True, **more):
    attributes = torch.stack([torch.arange(N_ITEMS) % 3, torch.arange(N_ITEMS) // 4], dim=1)
    vectors = random(N_ITEMS, 7, seed=9) if text else None
    return ItemTower(5, attributes, vectors, seed=seed, **more)


def norm_of_gradients(module):
    grads = [p.grad for p in module.parameters() if p.grad is not None]
    assert all(torch.isfinite(grad).all() for grad in grads)
    return sum(float(grad.norm()) for grad in grads)


KINDS = pytest.mark.parametrize("kind", ["mean", "class", "pooled"])


# User towers


@KINDS
def test_empty_histories_and_padding_give_finite_vectors_and_gradients(kind):
    users = make_users(kind)
    vectors, mask, ages = make_history()
    vectors[~mask], ages[~mask] = math.nan, math.inf
    vectors.requires_grad_()
    out = users(vectors, mask, ages)
    assert out.shape == (4, 6)
    assert torch.isfinite(out).all()
    out.square().sum().backward()
    assert norm_of_gradients(users) > 0
    assert (vectors.grad[~mask] == 0).all()
    assert (vectors.grad[mask].norm(dim=-1) > 0).all()


@KINDS
def test_an_empty_history_is_one_vector_whatever_stands_beside_it(kind):
    users = make_users(kind).eval()
    vectors, mask, ages = make_history()
    empty = users(vectors, torch.zeros_like(mask), ages)
    among_others = users(vectors, mask, ages)[1]
    torch.testing.assert_close(empty, among_others.expand_as(empty))
    real = users(vectors, mask, ages)[0]
    assert not torch.allclose(real, among_others, atol=1e-4)


@pytest.mark.parametrize(("pool", "seen_by"), [("mean", [1]), ("class", [0, 1, 2, 3])])
def test_who_sees_the_token(pool, seen_by):
    users = make_users(pool).eval()
    history = make_history()
    before = users(*history).detach()
    with torch.no_grad():
        users.token += random(64)
    changed = (users(*history) - before).abs().amax(dim=1) > 1e-3
    assert changed.nonzero().flatten().tolist() == seen_by


@KINDS
def test_padding_is_never_seen(kind):
    users = make_users(kind).eval()
    vectors, mask, ages = make_history(lengths=(2, 3, 1))
    more = torch.cat([vectors, random(3, 5, 5, seed=1)], dim=1)
    longer = [F.pad(part, (0, 5), value=value) for part, value in ((mask, False), (ages, 7.0))]
    torch.testing.assert_close(users(more, *longer), users(vectors, mask, ages))
    alone = users(vectors[2:, :1], mask[2:, :1], ages[2:, :1])
    torch.testing.assert_close(alone, users(vectors, mask, ages)[2:])


@KINDS
@settings(deadline=None, max_examples=20)
@given(st.permutations(range(4)))
def test_the_order_of_events_plays_no_part_but_their_ages_do(kind, order):
    users = make_users(kind).eval()
    vectors, mask, ages = make_history()
    expected = users(vectors, mask, ages)
    shuffled = users(vectors[:, order], mask[:, order], ages[:, order])
    torch.testing.assert_close(shuffled, expected, atol=1e-5, rtol=1e-4)
    exchanged = users(vectors, mask, ages.roll(1, dims=1))
    assert not torch.allclose(exchanged[0], expected[0], atol=1e-4)


@pytest.mark.parametrize("pool", ["mean", "class"])
def test_training_and_prediction_compute_the_same_without_dropout(pool):
    users = make_users(pool, size=WITHOUT_DROPOUT)
    vectors, mask, ages = make_history()
    expected = users.train()(vectors, mask, ages)
    with torch.no_grad():
        assert torch.equal(users.eval()(vectors, mask, ages), expected)


def test_layers_of_a_transformer_start_unalike():
    users = make_users("mean")
    first, second = users.layers.layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)
    assert not torch.equal(first.self_attn.in_proj_weight, second.self_attn.in_proj_weight)


def test_base_is_of_bert_s_size():
    with torch.device("meta"):  # shapes without memory
        encoder = EventTransformer(768, BASE, seed=0).layers
    published = 12 * (4 * (768 * 768 + 768) + 2 * 768 * 3072 + 3072 + 768 + 4 * 768) + 2 * 768
    assert sum(parameter.numel() for parameter in encoder.parameters()) == published
    assert (BASE.n_layers, BASE.width, BASE.n_heads) == (12, 768, 12)
    assert (SMALL.n_layers, SMALL.width) == (2, 64)


def test_another_pool_is_refused():
    with pytest.raises(ValueError, match="pool must be"):
        EventTransformer(5, pool="max", seed=0)


def test_ages_have_embeddings_of_their_own():
    ages = torch.arange(0.0, 365.0)
    embedded = time_embedding(ages, 64)
    assert embedded.shape == (365, 64)
    distances = torch.cdist(embedded, embedded) + 100 * torch.eye(365)
    assert distances.min() > 0.5  # no two days of a year look alike
    assert (distances[0, 1:30] < distances[0, 200]).float().mean() > 0.9  # near days are near


def test_half_lives_say_what_is_recent():
    seen = []

    def pool(vectors, mask, ages, half_life):
        seen.append(half_life)
        return decayed_mean(vectors, mask, ages, half_life)

    users = PooledHistory(5, pool, half_lives=(7.0, math.inf), seed=0)
    assert users(*make_history()).shape == (4, 5)
    assert seen == [7.0, math.inf]


# Items


def test_an_item_is_the_sum_of_its_parts():
    items = make_items()
    expected = items.ids.weight + items.of_text(items.text)
    for column, embedding in zip(items.attributes.T, items.columns, strict=True):
        expected = expected + embedding.weight[column]
    torch.testing.assert_close(items(), expected)
    few = torch.tensor([[3, 0], [3, 11]])
    torch.testing.assert_close(items(few), expected[few])
    many = torch.arange(60).reshape(3, 20) % N_ITEMS
    torch.testing.assert_close(items(many), expected[many])


def test_an_item_without_attributes_or_text_is_its_id():
    items = ItemTower(5, torch.zeros(N_ITEMS, 0, dtype=torch.int64), seed=0)
    assert torch.equal(items(), items.ids.weight)


def test_cold_items_have_no_id_part_in_training_or_afterwards():
    cold = torch.arange(N_ITEMS) >= 10
    items = make_items(cold=cold)
    for module in (items.train(), items.eval()):
        before = module().detach().clone()
        with torch.no_grad():
            module.ids.weight += 1.0
        changed = (module() - before).abs().amax(dim=1) > 0.5
        assert torch.equal(changed, ~cold)
    items().sum().backward()
    assert (items.ids.weight.grad[cold] == 0).all()


def test_dropping_ids_drops_whole_ids_in_training_only():
    items = make_items(id_dropout=0.5)
    without_ids = make_items(cold=torch.ones(N_ITEMS, dtype=torch.bool))
    full = items.eval()().detach()
    items.train()
    counts = torch.zeros(N_ITEMS)
    for _ in range(200):
        vectors = items().detach()
        dropped = torch.isclose(vectors, without_ids()).all(dim=1)
        kept = torch.isclose(vectors, full).all(dim=1)
        assert torch.equal(dropped, ~kept)
        counts += dropped
    assert 0.4 < float(counts.mean()) / 200 < 0.6
    repeated = items(torch.zeros(9, dtype=torch.int64))
    torch.testing.assert_close(repeated, repeated[:1].expand_as(repeated))  # one decision


def test_fresh_text_takes_the_place_of_the_fixed_one():
    items = make_items()
    few = torch.tensor([2, 5])
    same = items(few, items.text[few])
    torch.testing.assert_close(same, items(few))
    fresh = (items.text[few] + 1).requires_grad_()
    items(few, fresh).sum().backward()
    assert fresh.grad.norm() > 0
    with pytest.raises(ValueError, match="text has 3 rows"):
        ItemTower(5, torch.zeros(N_ITEMS, 0), random(3, 7), seed=0)


# Two towers


def make_two_tower(kind="pooled", **more):
    items = make_items()
    users = (
        PooledHistory(5, decayed_mean, seed=1)
        if kind == "pooled"
        else EventTransformer(5, pool=kind, out_width=5, seed=1)
    )
    return TwoTower(items, users, **more)


def histories():
    _, mask, ages = make_history()
    items = torch.randint(N_ITEMS, mask.shape, generator=torch.Generator().manual_seed(0))
    return items.masked_fill(~mask, -1), mask, ages  # padding need be no item


POPULARITY = random(N_ITEMS, 1, seed=3)
TYPES = torch.arange(N_ITEMS) % 4
WIDE_USER = [torch.ones(4, 1), random(4, 4, seed=4)]


@KINDS
@pytest.mark.parametrize("nonnegative", [True, False])
def test_a_score_with_wide_terms_is_one_dot_product(kind, nonnegative):
    model = make_two_tower(kind, wide=[POPULARITY, TYPES], nonnegative=nonnegative).eval()
    with torch.no_grad():
        model.wide_weights.copy_(torch.tensor([0.7, -2.0]))
    scores = model.user_vectors(*histories(), WIDE_USER) @ model.item_vectors().T
    plain = make_two_tower(kind).eval()
    plain.load_state_dict(model.state_dict() | {"wide_weights": torch.zeros(0)})
    weights = [math.log1p(math.exp(x)) if nonnegative else x for x in (0.7, -2.0)]
    expected = plain.user_vectors(*histories()) @ plain.item_vectors().T
    expected = expected + weights[0] * POPULARITY.T + weights[1] * WIDE_USER[1][:, TYPES]
    torch.testing.assert_close(scores, expected)


@KINDS
def test_both_towers_and_the_wide_weights_learn(kind):
    model = make_two_tower(kind, wide=[POPULARITY, TYPES])
    users = model.user_vectors(*histories(), WIDE_USER)
    loss = F.cross_entropy(users @ model.item_vectors().T, torch.tensor([1, 2, 3, 4]))
    loss.backward()
    assert norm_of_gradients(model) > 0
    assert (model.wide_weights.grad != 0).all()
    assert model.items.ids.weight.grad.norm() > 0
    assert norm_of_gradients(model.users) > 0


def test_some_items_are_rows_of_all_items():
    model = make_two_tower(wide=[POPULARITY, TYPES], normalise=True).eval()
    few = torch.tensor([7, 0, 7])
    torch.testing.assert_close(model.item_vectors(few), model.item_vectors()[few])
    assert model.item_vectors().shape == (N_ITEMS, 5 + 1 + 4)


def test_normalised_towers_have_length_one_beside_the_wide_parts():
    model = make_two_tower(wide=[POPULARITY], normalise=True).eval()
    users = model.user_vectors(*histories(), WIDE_USER[:1])
    for vectors in (users, model.item_vectors()):
        torch.testing.assert_close(vectors[:, :5].norm(dim=1), torch.ones(len(vectors)))


def test_wide_terms_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="wide term 0 has 3 rows"):
        make_two_tower(wide=[random(3, 1)])
    with pytest.raises(ValueError, match="2 wide terms, got 0"):
        make_two_tower(wide=[POPULARITY, TYPES]).user_vectors(*histories())


# Households


def make_encoder(seed=0, **more):
    return HouseholdEncoder(make_items(), hidden=16, width=8, seed=seed, **more)


BAGS = torch.tensor([[1, 5, 7, 2], [3, 0, 0, 0], [4, 4, -1, -1], [0, 0, 0, 0]])
COUNTS = torch.tensor([[2, 1, 9, 1], [1, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]])


def test_a_household_is_its_weighted_bag():
    gate = random(N_ITEMS, seed=5).abs() + 0.1
    encoder = make_encoder(gate=gate).eval()
    vectors = encoder.items()
    weights = torch.log1p(COUNTS[0].float()) * gate[BAGS[0]]
    bag = (weights / weights.norm()) @ vectors[BAGS[0]]
    torch.testing.assert_close(encoder(BAGS, COUNTS)[0], encoder.network(bag))


def test_empty_households_are_finite_and_volume_alone_does_not_count():
    encoder = make_encoder()
    out = encoder(BAGS, COUNTS)
    assert torch.isfinite(out).all()
    out.square().sum().backward()
    assert norm_of_gradients(encoder) > 0
    assert encoder.gate.grad[BAGS[0]].abs().min() > 0
    encoder.eval()
    once, often = (encoder(BAGS[1:2], n * COUNTS[1:2]) for n in (1, 50))
    torch.testing.assert_close(once, often)
    nobody = torch.zeros(2, 0, dtype=torch.int64)
    torch.testing.assert_close(encoder(nobody, nobody), encoder(BAGS, COUNTS)[3].expand(2, -1))


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(4)), st.integers(0, 5))
def test_the_order_in_a_bag_and_its_padding_play_no_part(order, padding):
    encoder = make_encoder().eval()
    items = F.pad(BAGS[:, order], (0, padding), value=-1)
    counts = F.pad(COUNTS[:, order], (0, padding))
    torch.testing.assert_close(encoder(items, counts), encoder(BAGS, COUNTS))


def test_a_gate_of_another_length_is_refused():
    with pytest.raises(ValueError, match="gate has the shape"):
        make_encoder(gate=torch.ones(3))


@pytest.mark.parametrize("kind", ["household", "transformer"])
def test_the_head_comes_apart_from_the_encoder(kind):
    if kind == "household":
        encoder, inputs = make_encoder(), (BAGS, COUNTS)
    else:
        encoder, inputs = make_users("mean"), make_history()
    model = WithHead(encoder, width=3, seed=1).eval()
    assert model(*inputs).shape == (4, 3)
    assert model.encoder is encoder
    torch.testing.assert_close(model(*inputs), model.head(encoder(*inputs)))


# Seeds


@pytest.mark.parametrize(
    "make",
    [
        make_items,
        make_encoder,
        *(lambda seed, kind=kind: make_users(kind, seed=seed) for kind in ("mean", "pooled")),
        lambda seed: WithHead(make_encoder(), seed=seed),
    ],
)
def test_weights_come_from_the_seed_and_leave_global_state_alone(make):
    before = torch.get_rng_state()
    one, same, other = (make(seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_data_stay_out_of_checkpoints():
    model = make_two_tower(wide=[POPULARITY, TYPES])
    names = " ".join(model.state_dict())
    assert all(data not in names for data in ("attributes", "cold", "items.text", "wide_0"))
    moved = model.to(torch.float64)
    assert moved.items.text.dtype == torch.float64
    assert moved.items().dtype == torch.float64
