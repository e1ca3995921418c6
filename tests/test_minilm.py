"""The plain MiniLM: the tokens and the vectors of the library's, padding or not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from corpus import ROOT

from autograder.exercises.inference_speed import props
from shelfspace.data import load_journey
from shelfspace.minilm import load_minilm, naive_encoder, shop_texts
from shelfspace.text import TextEncoder, load_text_encoder, product_texts

ODD = [
    "",
    "Crème brûlée, 布丁, 🍮",
    "it's 2% milk\t$3.99 (1/2 gal.) ~ best-before: 12^th <now>",
    "x" * 101,
    "soft\u00adhyphen and\u200bzero width",
    "word " * 400,  # more than the model takes
]


@pytest.fixture(scope="module")
def library() -> TextEncoder:
    return load_text_encoder("all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def plain():
    return load_minilm()


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Texts of products, names and baskets of the shop."""
    journey = load_journey()
    names, baskets = shop_texts(journey)
    return [*product_texts(journey.products)[::400], *names[:100], *baskets[:60]]


def test_tokens_are_the_library_s(library, plain, texts):
    for text in [*texts, *ODD]:
        wanted = library.tokenize([text])["input_ids"][0].tolist()
        assert plain[1]([text]) == [wanted], text


def test_vectors_are_the_library_s(library, plain, texts):
    some = [*texts[:6], *texts[-3:], *ODD[1:4]]
    wanted = library.encode(some)
    np.testing.assert_allclose(props.original_vectors(*plain, some), wanted, atol=1e-5)
    naive = naive_encoder(*plain)(some[:2])
    assert naive.requires_grad
    np.testing.assert_allclose(naive.detach().numpy(), wanted[:2], atol=1e-5)


def test_padding_changes_nothing(plain):
    model, tokenizer = plain
    (tokens,) = tokenizer(["potato chips 12 oz"])
    n = len(tokens)
    ids = torch.full((1, n + 9), tokenizer.pad_id)
    ids[0, :n] = torch.tensor(tokens)
    mask = (torch.arange(n + 9) < n).long()[None]
    with torch.inference_mode():
        alone, padded = model(ids[:, :n], mask[:, :n]), model(ids, mask)
    torch.testing.assert_close(padded[:, :n], alone, atol=1e-5, rtol=0)


def test_texts_of_the_shop_are_distinct_and_always_alike(texts):
    names, baskets = shop_texts(load_journey())
    again = shop_texts(load_journey())
    assert (names, baskets) == again
    assert len({*names, *baskets}) == len(names) + len(baskets)
    assert max(map(len, names)) <= 20


def test_saved_activations_are_those_on_record():
    record = json.loads((ROOT / "bench" / "results" / "inference_activations.json").read_text())
    path = Path(props.__file__).parent / "activations.npz"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record["sha256"]
    with np.load(path) as file:
        assert {name: list(file[name].shape) for name in file.files} == record["shapes"]
