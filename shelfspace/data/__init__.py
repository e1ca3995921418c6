"""Data sets: tidy, typed, time-ordered, and cached on disk where they are slow to build."""

from shelfspace.data.cache import cache_folder, cached
from shelfspace.data.fairness import (
    BiasedSample,
    RecordedRows,
    SpendingTable,
    Truth,
    biased_sample,
    build_spending_table,
    income_table,
    spending_table,
    top_quarter,
)
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
    "BiasedSample",
    "ImbalanceTable",
    "Journey",
    "Purchases",
    "RecordedRows",
    "SpendingTable",
    "Stream",
    "Truth",
    "biased_sample",
    "build_imbalance_table",
    "build_purchases",
    "build_spending_table",
    "build_stream",
    "cache_folder",
    "cached",
    "imbalance_table",
    "income_table",
    "load_journey",
    "load_purchases",
    "load_stream",
    "spending_table",
    "split_strict",
    "top_quarter",
]
