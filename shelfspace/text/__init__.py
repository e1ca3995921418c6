"""Texts as vectors: pre-trained encoders, the products' texts, and their embeddings on disk."""

from shelfspace.text.embeddings import (
    principal_components,
    product_text_embeddings,
    product_texts,
)
from shelfspace.text.encoder import TextEncoder, load_text_encoder

__all__ = [
    "TextEncoder",
    "load_text_encoder",
    "principal_components",
    "product_text_embeddings",
    "product_texts",
]
