"""The pipeline of inference speed, with an encoder of a few thousand weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from corpus import ROOT

from autograder.contracts import load_contracts
from shelfspace.pipelines import inference_speed
from shelfspace.pipelines.inference_speed import Settings
from shelfspace.text import TextEncoder, load_text_encoder

TINY = Settings(texts=40, rounds=2, round_texts=32, budget=128, single=3, kept=(1.0, 0.5), gemm=64)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    """The published tokenizer before a model with random weights."""
    from transformers import BertConfig, BertModel

    published = load_text_encoder()
    config = BertConfig(
        vocab_size=published.tokenizer.vocab_size,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        initializer_range=0.3,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertModel(config, add_pooling_layer=False).eval()
    return dataclasses.replace(published, model=model, dimension=16)


@pytest.fixture(scope="module")
def figures(encoder, tmp_path_factory):
    contracts = load_contracts(
        ROOT / "solutions" / "inference_speed" / "inference_speed.ipynb", inference_speed.CONTRACTS
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference_speed, "load_text_encoder", lambda name: encoder)
        return inference_speed.run(TINY, contracts, tmp_path_factory.mktemp("run"), progress=False)


def test_steps_that_change_no_arithmetic_change_no_vector(figures):
    rows = {row["variant"]: row for row in figures["variants"]}
    for name in (
        "padded to the batch's longest, with gradients",
        "+ without gradients",
        "100% of the feed-forward units",
    ):
        assert rows[name]["min cosine"] == 1.0
        assert rows[name]["recall@10"] == 1.0
    assert rows["every second layer"]["min cosine"] < 1.0
    assert rows["50% of the feed-forward units"]["min cosine"] < 1.0


def test_bytes_are_those_of_the_stored_weights(figures, encoder):
    rows = {row["variant"]: row for row in figures["variants"]}
    whole = sum(part.numel() * 4 for part in encoder.model.parameters()) / 1e6
    original = rows["+ sorted, in batches of a token budget"]["MB"]
    assert original == pytest.approx(whole, abs=0.1)
    assert rows["bfloat16"]["MB"] == pytest.approx(original / 2, abs=0.1)
    # a scale for every row of 16 codes: (16 + 4) / 64
    assert rows["int8 codes, in plain torch"]["MB"] < 0.35 * original
    assert rows["int8 codes, in plain torch"]["mean cosine"] > 0.99


def test_every_variant_has_a_speed_and_the_naive_one_is_the_measure(figures):
    for row in figures["variants"]:
        assert row["texts/s"] > 0
        assert 0 < row["p50 ms"] <= row["p99 ms"]
    naive = figures["variants"][0]
    assert naive["x naive"] == 1.0
    assert set(figures["GEMM peak, GFLOP/s"]) == {"float32", "bfloat16"}


def test_the_encoder_that_came_in_is_left_as_it_was(encoder, figures):
    assert all(part.dtype == torch.float32 for part in encoder.model.parameters())
    assert len(encoder.model.encoder.layer) == 2
    assert np.isfinite(encoder.encode(["a b c"], progress=False)).all()
