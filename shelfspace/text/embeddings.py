"""The products' texts, and embeddings that are computed once and kept on disk."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from shelfspace.data import UNKNOWN, load_journey
from shelfspace.data.cache import arrays_from_bytes, arrays_to_bytes, cached_under
from shelfspace.text.encoder import as_texts, load_text_encoder
from shelfspace.text.sources import published_encoder

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 512  # texts per cache file: a few seconds of work for the small encoder
_FORMAT = 1  # to be raised when a change makes other vectors of the same texts

_BRANDS = {"Private": "store", "National": "national"}


def product_texts(products: pd.DataFrame) -> list[str]:
    """What is known of each product in words, such as "honey; grocery; national brand; size 12 oz".

    Its type, category, department, brand and size, in lower case; what the data doesn't know is
    left out, so a product that nothing is known of has the empty text. Products that differ in none
    of these have the same text: the 68,509 that were ever sold have 17,487.

    Parameters
    ----------
    products : DataFrame
        Rows of `shelfspace.data.load_journey().products`.
    """
    parts = (
        _phrases(products["product_type"], "{}"),
        _phrases(products["product_category"], "{}"),
        _phrases(products["department"], "{}"),
        _phrases(products["brand"].astype(str).replace(_BRANDS), "{} brand"),
        _phrases(products["package_size"], "size {}"),
    )
    return ["; ".join(filter(None, row)) for row in zip(*parts, strict=True)]


def _phrases(column: pd.Series, phrase: str) -> list[str]:
    """The column's values in lower case, put into a phrase; no phrase for what is not known."""
    phrases = {value: phrase.format(value.lower()) for value in column.unique()}
    phrases[UNKNOWN] = ""
    return [phrases[value] for value in column]


def principal_components(vectors: np.ndarray, k: int) -> np.ndarray:
    """(n, k) float64: the (n, d) vectors' coordinates along the k directions that vary most.

    By the eigenvectors of their (d, d) covariance, so that any number of texts will do.
    """
    centred = vectors.astype(float)
    centred -= centred.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # the largest stands last
    return centred @ directions[:, ::-1][:, :k]


def product_text_embeddings(
    name: str = "all-MiniLM-L6-v2",
    texts: Iterable[str] | None = None,
    *,
    device: str = "cpu",
    progress: bool = True,
) -> np.ndarray:
    """Embeddings of product texts, or any others: (n, d) float32 array, one row per text.

    Every distinct text is encoded once, and the result is kept in the folder of
    `shelfspace.data.cache_folder()`: another call with the same texts, in any order, reads it from
    there. It is written chunk by chunk, so a call that was stopped goes on where it was. Ask for
    all texts of a study at once and pick rows: other texts are another result.

    Parameters
    ----------
    name : str
        An encoder that `load_text_encoder` knows.
    texts : iterable of str, optional
        By default those of `load_journey().products`, row by row.
    device : str
        Where the model runs, if it has to.
    progress : bool
        Whether to show a progress bar while texts are encoded.

    Raises
    ------
    TypeError
        If `texts` is a single text or holds anything but texts.
    ValueError, ModuleNotFoundError, OSError
        As `load_text_encoder` does; but what is on disk needs no encoder.
    """
    from tqdm import tqdm

    published = published_encoder(name)
    texts = product_texts(load_journey().products) if texts is None else as_texts(texts)
    # Texts of similar length share a chunk, so that little is padded.
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    chunks = [distinct[start : start + _CHUNK] for start in range(0, len(distinct), _CHUNK)]
    folder = f"embeddings/{name}-{_digest(distinct)[:16]}"
    encoder = functools.cache(lambda: load_text_encoder(name, device=device))
    vectors = np.empty((len(distinct), published.dimension), dtype=np.float32)
    # What is read from the disk is there before the bar is.
    bar = tqdm(total=len(distinct), desc=name, unit=" texts", delay=1, disable=not progress)
    with bar:
        for number, chunk in enumerate(chunks):
            start = number * _CHUNK
            vectors[start : start + len(chunk)] = cached_under(
                _digest([_FORMAT, published.weights_sha256, chunk]),
                f"{folder}/{number:04}",
                lambda chunk=chunk: encoder().encode(chunk, progress=False),  # type: ignore[misc]
                encode=lambda rows: arrays_to_bytes({"vectors": rows}),
                decode=lambda body: arrays_from_bytes(body)["vectors"],
            )
            bar.update(len(chunk))
    row_of = {text: row for row, text in enumerate(distinct)}
    return vectors[[row_of[text] for text in texts]]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
