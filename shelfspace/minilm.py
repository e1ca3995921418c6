"""The text encoder all-MiniLM-L6-v2 as a plain torch module, its tokenizer, and a naive encoder.

The same weights and tokens as `shelfspace.text.load_text_encoder` gives, without the library around
them: a module that can be read in one sitting, taken apart and made fast.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from shelfspace.data import Journey

WIDTH, HEADS, LAYERS, FEED_FORWARD = 384, 12, 6, 1536
MAX_LENGTH = 256
_PAD, _UNKNOWN, _FIRST, _LAST = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 100
_LONGEST_NAME = 20


class Layer(nn.Module):
    """One transformer layer: attention among a text's tokens, then a network on each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up, self.down = nn.Linear(WIDTH, FEED_FORWARD), nn.Linear(FEED_FORWARD, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, unseen: Tensor) -> Tensor:
        """States (b, length, 384) of the next layer; `unseen` is minus infinity for padding."""
        b, length, _ = x.shape
        query, key, value = (
            part(x).view(b, length, HEADS, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS) + unseen
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(b, length, WIDTH)
        x = self.attention_norm(x + self.attended(mixed))
        return self.output_norm(x + self.down(F.gelu(self.up(x))))


class MiniLM(nn.Module):
    """A BERT of six layers, 384 wide (Devlin et al. 2019; Wang et al. 2020, MiniLM)."""

    def __init__(self, n_words: int, n_positions: int = 512) -> None:
        super().__init__()
        self.words = nn.Embedding(n_words, WIDTH)
        self.positions = nn.Embedding(n_positions, WIDTH)
        self.segment = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The state of every token: (b, length, 384), from ids and mask of (b, length)."""
        x = self.words(input_ids) + self.positions.weight[: input_ids.shape[1]] + self.segment
        x = self.norm(x)
        unseen = torch.zeros(attention_mask.shape, dtype=x.dtype, device=x.device)
        unseen = unseen.masked_fill(attention_mask == 0, -torch.inf)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, unseen)
        return x


class WordPiece:
    """Texts to token ids: lower case, split into words, words into the vocabulary's pieces.

    Attributes
    ----------
    pad_id : int
        The id that fills short texts up.
    max_length : int
        No text has more tokens: what comes later is cut off.
    """

    def __init__(self, vocabulary: Sequence[str], max_length: int = MAX_LENGTH) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self.pad_id, self.max_length = self._ids[_PAD], max_length

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text, at least two and at most `max_length`."""
        return [self._encode(text) for text in texts]

    def _encode(self, text: str) -> list[int]:
        ids = [number for word in _words(text) for number in self._pieces(word)]
        return [self._ids[_FIRST], *ids[: self.max_length - 2], self._ids[_LAST]]

    def _pieces(self, word: str) -> list[int]:
        """The longest piece that fits, again and again (Wu et al. 2016)."""
        found, start = [], 0
        while start < len(word) <= _LONGEST_WORD:
            for end in range(len(word), start, -1):
                piece = self._ids.get(("##" if start else "") + word[start:end])
                if piece is not None:
                    break
            else:
                return [self._ids[_UNKNOWN]]
            found.append(piece)
            start = end
        return found or [self._ids[_UNKNOWN]]


def _words(text: str) -> Iterator[str]:
    """Words and single punctuation marks, in lower case and without accents."""
    word = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn":
            continue
        if kind.startswith("P") or letter in "$+<=>^`|~" or _is_ideograph(letter):
            yield from filter(None, (word, letter))
            word = ""
        elif letter.isspace():
            yield from filter(None, (word,))
            word = ""
        elif not kind.startswith("C"):
            word += letter
    yield from filter(None, (word,))


def _is_ideograph(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf"


def naive_encoder(model: nn.Module, tokenizer: WordPiece) -> Callable[[Sequence[str]], Tensor]:
    """The encoder as many a first version has it: right, and slow.

    Eight texts at a time in the order in which they come, every one padded to the longest text that
    the model takes, and all that a gradient would need is kept.
    """

    def encode(texts: Sequence[str]) -> Tensor:
        rows = []
        for start in range(0, len(texts), 8):
            ids = torch.full(
                (len(texts[start : start + 8]), tokenizer.max_length), tokenizer.pad_id
            )
            mask = torch.zeros_like(ids)
            for row, tokens in enumerate(tokenizer(texts[start : start + 8])):
                ids[row, : len(tokens)] = torch.tensor(tokens)
                mask[row, : len(tokens)] = 1
            states, weights = model(ids, mask), mask.unsqueeze(-1)
            rows.append((states * weights).sum(1) / weights.sum(1))
        return F.normalize(torch.cat(rows), dim=1)

    return encode


def minilm_from(weights: Mapping[str, np.ndarray]) -> MiniLM:
    """The model with these weights (see `published_parts`), in evaluation mode."""
    n_words, n_positions = len(weights["words.weight"]), len(weights["positions.weight"])
    with torch.device("meta"):  # no time for random weights that are replaced at once
        model = MiniLM(n_words, n_positions)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    model.load_state_dict(state, assign=True)
    return model.requires_grad_().eval()


def published_parts() -> tuple[dict[str, np.ndarray], list[str]]:
    """The published weights by the names that they have in `MiniLM`, and the vocabulary.

    Raises
    ------
    ModuleNotFoundError, ValueError
        As `shelfspace.text.load_text_encoder` does.
    """
    import json

    from safetensors.numpy import load_file

    from shelfspace.text.sources import WEIGHTS, encoder_folder

    folder = encoder_folder("all-MiniLM-L6-v2")
    published = load_file(folder / WEIGHTS)
    weights = {
        "words.weight": published["embeddings.word_embeddings.weight"],
        "positions.weight": published["embeddings.position_embeddings.weight"],
        "segment": published["embeddings.token_type_embeddings.weight"][0],
    }
    for ours, theirs in _names():
        for part in ("weight", "bias"):
            weights[f"{ours}.{part}"] = published[f"{theirs}.{part}"]
    tokens = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return weights, sorted(tokens, key=tokens.__getitem__)


def _names() -> Iterator[tuple[str, str]]:
    """Our name and the published one of each part that has a weight and a bias."""
    yield "norm", "embeddings.LayerNorm"
    for number in range(LAYERS):
        for ours, theirs in (
            ("query", "attention.self.query"),
            ("key", "attention.self.key"),
            ("value", "attention.self.value"),
            ("attended", "attention.output.dense"),
            ("attention_norm", "attention.output.LayerNorm"),
            ("up", "intermediate.dense"),
            ("down", "output.dense"),
            ("output_norm", "output.LayerNorm"),
        ):
            yield f"layers.{number}.{ours}", f"encoder.layer.{number}.{theirs}"


def load_minilm() -> tuple[MiniLM, WordPiece]:
    """The model with its published weights, in evaluation mode, and its tokenizer."""
    weights, vocabulary = published_parts()
    return minilm_from(weights), WordPiece(vocabulary)


def shop_texts(journey: Journey, n_baskets: int = 4000) -> tuple[list[str], list[str]]:
    """Distinct texts of two kinds, shuffled, always alike: names of products, and whole baskets.

    A name is a product's type and size, of 20 letters at most as people type them, such as
    "potato chips 12 oz"; a basket, all the types in it.
    """
    rng = np.random.default_rng(0)
    products = journey.products.set_index("product_id")
    types = products["product_type"].astype(str).str.lower()
    full = types + " " + products["package_size"].astype(str).str.lower()
    names = sorted({name for name in full if len(name) <= _LONGEST_NAME})
    lines = journey.transactions[["basket_id", "product_id"]]
    chosen = rng.choice(np.unique(lines["basket_id"]), n_baskets, replace=False)
    lines = lines[lines["basket_id"].isin(chosen)]
    held = types.reindex(lines["product_id"]).fillna("unknown").to_numpy()
    baskets: dict[int, list[str]] = {}
    for basket, item in zip(lines["basket_id"].to_numpy(), held, strict=True):
        baskets.setdefault(basket, []).append(item)
    joined = sorted({", ".join(items) for items in baskets.values()} - set(names))
    shuffled = [[texts[i] for i in rng.permutation(len(texts))] for texts in (names, joined)]
    return shuffled[0], shuffled[1]
