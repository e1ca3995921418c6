"""Data sets: tidy, typed, time-ordered, and cached on disk where they are slow to build."""

from shelfspace.data.cache import cache_folder, cached
from shelfspace.data.imbalance import (
    ImbalanceTable,
    build_imbalance_table,
    imbalance_table,
    split_strict,
)
from shelfspace.data.journey import FIRST_DATE, LAST_DAY, UNKNOWN, Journey, load_journey

__all__ = [
    "FIRST_DATE",
    "LAST_DAY",
    "UNKNOWN",
    "ImbalanceTable",
    "Journey",
    "build_imbalance_table",
    "cache_folder",
    "cached",
    "imbalance_table",
    "load_journey",
    "split_strict",
]
