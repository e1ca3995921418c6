"""Checks of the split in time: which rows are known, and which are to be predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.recommender.checks.through import go_through

Columns = dict[str, np.ndarray]


def _purchases(case: Case, households: int = 30, rows: int = 400) -> Columns:
    """Purchases of weeks 1-20 in no order; `receipt` tells rows apart, every household is early."""
    week = case.rng.integers(1, 21, rows)
    household = case.rng.integers(households, size=rows)
    week[:households], household[:households] = 1, np.arange(households)
    order = case.rng.permutation(rows)
    item = case.rng.integers(70, 90, rows)
    item[::5] = 200 + week[order][::5]  # items that are new in their week
    return {
        "receipt": case.rng.permutation(rows) + 5000,
        "week": week[order],
        "item_id": item,
        "household_id": 3 * household[order] + 100,
        "amount": np.round(case.rng.random(rows), 3),
    }


def _chosen(columns: Columns, rows: np.ndarray) -> Columns:
    return {name: column[rows] for name, column in columns.items()}


def _split(case: Case, columns: Columns, cut_week: int, horizon: int) -> tuple[Columns, Columns]:
    """Both frames that came back, with all columns in their order."""
    go_through(case, "split_frames")
    frames, unchanged = case.call(columns, cut_week, horizon)
    history, targets = case.pair(frames, "the data frames history and targets")
    if not unchanged:
        case.fail("Your function changed `events`. Select rows; do not sort or edit in place.")
    return _frame(case, history, columns, "history"), _frame(case, targets, columns, "targets")


def _frame(case: Case, frame: Any, columns: Columns, name: str) -> Columns:
    if isinstance(frame, str):
        case.fail(f"{name} must be a data frame.", got=frame, category="wrong type")
    names = [column for column, _ in frame]
    if names != list(columns):
        case.fail(
            f"{name} must have the columns of events, in their order.",
            expected=", ".join(columns),
            got=", ".join(names),
            category="wrong columns",
        )
    for column, values in frame:
        if values.dtype.kind != columns[column].dtype.kind:
            case.fail(
                f"The column {column} of {name} has another dtype than in events.",
                expected=str(columns[column].dtype),
                got=str(values.dtype),
                category="wrong dtype",
            )
    lengths = {len(values) for _, values in frame}
    if len(lengths) > 1:
        case.fail(f"{name} has columns of different lengths.")
    return dict(frame)


def _same(left: Columns, right: Columns) -> bool:
    return all(np.array_equal(left[name], right[name]) for name in right)


def _require(
    case: Case, got: Columns, columns: Columns, rows: np.ndarray, name: str, known: dict[str, Any]
) -> None:
    """`got` are those rows of columns; `known` are masks of rows that wrong answers choose."""
    if _same(got, _chosen(columns, rows)):
        return
    for misconception, mask in known.items():
        if _same(got, _chosen(columns, mask)):
            case.fail(f"{name} holds the wrong rows.", misconception=misconception)
    receipts = columns["receipt"]
    same_rows = sorted(got["receipt"].tolist()) == sorted(receipts[rows].tolist())
    whole = set(zip(*(v.tolist() for v in columns.values()), strict=True)).issuperset(
        zip(*(v.tolist() for v in got.values()), strict=True)
    )
    if same_rows and whole:
        case.fail(f"{name} holds the right rows in another order. Keep the order of events.")
    if not whole:
        case.fail(f"{name} holds rows that are not in events.")
    missing = int((~np.isin(receipts[rows], got["receipt"])).sum())
    extra = int((~np.isin(got["receipt"], receipts[rows])).sum())
    case.fail(
        f"{name} holds the wrong rows.",
        expected=f"{int(rows.sum())} rows",
        got=f"{len(got['receipt'])} rows: {missing} missing, {extra} that do not belong there",
        misconception="random_split" if name == "history" and _is_random(got, columns) else None,
    )


def _is_random(got: Columns, columns: Columns) -> bool:
    """Whether rows of a frame come from all weeks and all places of events."""
    if set(got["week"].tolist()) != set(columns["week"].tolist()):
        return False
    places = np.flatnonzero(np.isin(columns["receipt"], got["receipt"]))
    return len(places) > 0 and (np.diff(places) > 1).mean() > 0.05


def _cut(case: Case) -> tuple[int, int]:
    return int(case.rng.integers(8, 14)), int(case.rng.integers(2, 5))


@check(
    "temporal_split",
    "history holds all rows before the cut, and no later one",
    advice="`events[events['week'] < cut_week]`: strictly before, for all households.",
    core=True,
    seeds=(2, 1),
)
def history_ends_before_the_cut(case: Case) -> None:
    columns, (cut, horizon) = _purchases(case), _cut(case)
    history, _ = _split(case, columns, cut, horizon)
    week, household = columns["week"], columns["household_id"]
    bought = np.isin(household, household[(week >= cut) & (week < cut + horizon)])
    known = {
        "target_week_leaks": week <= cut,
        "silent_households_dropped": (week < cut) & bought,
    }
    _require(case, history, columns, week < cut, "history", known)


@check(
    "temporal_split",
    "targets hold the rows of the horizon, and no other one",
    advice="From cut_week, included, to cut_week + horizon, excluded.",
    core=True,
    seeds=(2, 1),
)
def targets_fill_the_horizon(case: Case) -> None:
    columns, (cut, horizon) = _purchases(case), _cut(case)
    week = columns["week"]
    twice = np.flatnonzero((week >= cut) & (week < cut + horizon))[:3]  # a receipt printed twice
    columns = {name: np.append(column, column[twice]) for name, column in columns.items()}
    _, targets = _split(case, columns, cut, horizon)
    week = columns["week"]
    known = {
        "horizon_too_long": (week >= cut) & (week <= cut + horizon),
        "horizon_ignored": week >= cut,
        "cut_week_lost": (week > cut) & (week <= cut + horizon),
    }
    rows = (week >= cut) & (week < cut + horizon)
    _require(case, targets, columns, rows, "targets", known)


@check(
    "temporal_split",
    "households without a history have no targets; those without targets stay in history",
    advice="`isin(history['household_id'])` selects the targets; nothing selects the history.",
    seeds=(2, 1),
)
def targets_have_a_history(case: Case) -> None:
    columns, (cut, horizon) = _purchases(case), _cut(case)
    week, household = columns["week"], columns["household_id"]
    strangers, silent = household % 4 == 0, household % 4 == 1
    week[strangers & (week < cut)] += 20
    week[silent & (week >= cut)] = 1
    week[(household == household[strangers][0])] = cut
    history, targets = _split(case, columns, cut, horizon)
    bought = np.isin(household, household[(week >= cut) & (week < cut + horizon)])
    known = {"silent_households_dropped": (week < cut) & bought}
    _require(case, history, columns, week < cut, "history", known)
    later = (week >= cut) & (week < cut + horizon)
    rows = later & np.isin(household, household[week < cut])
    _require(case, targets, columns, rows, "targets", {"strangers_in_targets": later})


@check(
    "temporal_split",
    "both may be empty, and a frame without further columns serves",
    advice="Boolean masks handle an empty selection by themselves; use no column but the three.",
    weight=0.5,
    seeds=(1, 0),
)
def split_at_the_edges(case: Case) -> None:
    columns = _purchases(case, 5, 40)
    few = {name: columns[name] for name in ("household_id", "item_id", "week")}
    for cut in (1, 30):
        calls = case.calls
        history, targets = _split(case, few, cut, 4)
        case.calls = calls
        if not _same(history, _chosen(few, few["week"] < cut)) or len(targets["week"]):
            case.fail(f"With weeks 1-20 and a cut at week {cut}, there are no targets.")


@check(
    "temporal_split",
    "events and global random state are left alone",
    advice="`sort_values(inplace=True)`, or a new column in events, changes the caller's frame.",
    weight=0.5,
    seeds=(1, 0),
)
def split_leaves_alone(case: Case) -> None:
    columns = _purchases(case, 5, 40)
    calls = case.calls
    _split(case, columns, 9, 3)
    case.leaves_alone(columns, 9, 3)
    case.calls = calls
