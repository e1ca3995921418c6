"""Data sets: tidy, typed, time-ordered, and cached on disk where they are slow to build."""

from shelfspace.data.cache import cache_folder, cached
from shelfspace.data.imbalance import (
    ImbalanceTable,
    build_imbalance_table,
    imbalance_table,
    split_strict,
)
from shelfspace.data.journey import FIRST_DATE, LAST_DAY, UNKNOWN, Journey, load_journey
from shelfspace.data.purchases import (
    TEST_WEEK,
    VALIDATION_WEEK,
    Purchases,
    build_purchases,
    load_purchases,
)
from shelfspace.data.stream import WARM_UP_DAYS, Stream, build_stream, load_stream

__all__ = [
    "FIRST_DATE",
    "LAST_DAY",
    "TEST_WEEK",
    "UNKNOWN",
    "VALIDATION_WEEK",
    "WARM_UP_DAYS",
    "ImbalanceTable",
    "Journey",
    "Purchases",
    "Stream",
    "build_imbalance_table",
    "build_purchases",
    "build_stream",
    "cache_folder",
    "cached",
    "imbalance_table",
    "load_journey",
    "load_purchases",
    "load_stream",
    "split_strict",
]
