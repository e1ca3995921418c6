"""Events: what a client posts, what is right about it, and the line that the log keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

MOST_EVENTS = 1_000
"""As many events as one request may bring."""

MOST_ITEMS = 1_000
"""As many items as one event may have."""

LONGEST_ID = 128
"""In characters."""

EARLY = 86_400.0
"""Seconds that an event may lie ahead of the service's clock: clocks and time zones go wrong."""

_LARGEST = 2**63 - 1
_EXAMPLE = '{"id": "basket-1", "household": 7, "time": 1500000000, "items": [1029743, 995242]}'
_FIELDS = ("id", "household", "time", "items")


class EventError(ValueError):
    """A request that brings no events; the message says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Event:
    """A household's purchase.

    Attributes
    ----------
    id : str
        Names the event, however often it is sent: the first one with an id counts.
    household : int
        Who bought.
    time : float
        When, in Unix seconds.
    items : tuple of int
        What, once for each time that it was bought.
    """

    id: str
    household: int
    time: float
    items: tuple[int, ...]

    def record(self) -> bytes:
        """The event as one line of JSON."""
        return orjson.dumps([self.id, self.household, self.time, self.items]) + b"\n"

    @classmethod
    def from_record(cls, record: bytes) -> Event:
        """The event of a line that `record` made."""
        name, household, time, items = orjson.loads(record)
        return cls(name, household, time, tuple(items))


def parse_events(body: bytes, clock: float) -> tuple[list[Event], bool]:
    """The events of a request's body, and whether it was a list of them.

    Parameters
    ----------
    body : bytes
        JSON: one event, or a list of 1 to `MOST_EVENTS`.
    clock : float
        The service's own time, in Unix seconds.

    Raises
    ------
    EventError
        If anything is wrong with any of them: then none counts.
    """
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise EventError(
            f"The body is not JSON ({error}): send events such as {_EXAMPLE}."
        ) from None
    if not isinstance(sent, list):
        return [_event(sent, "The event", clock)], False
    if not 1 <= len(sent) <= MOST_EVENTS:
        raise EventError(
            f"The list has {len(sent):,} events: send 1 to {MOST_EVENTS:,} in one request."
        )
    return [
        _event(one, f"Event {place} of the list", clock) for place, one in enumerate(sent)
    ], True


def _event(sent: Any, where: str, clock: float) -> Event:
    if not isinstance(sent, dict):
        raise EventError(f"{where} is {_shown(sent)}: send an object such as {_EXAMPLE}.")
    for field in _FIELDS:
        if field not in sent:
            raise EventError(f"{where} has no `{field}`: add it, as in {_EXAMPLE}.")
    if len(sent) > len(_FIELDS):
        unknown = next(field for field in sent if field not in _FIELDS)
        raise EventError(
            f"{where} has an unknown field {_shown(unknown)}: send only "
            f"{', '.join(f'`{field}`' for field in _FIELDS)}."
        )
    name, household, time, items = (sent[field] for field in _FIELDS)
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_ID:
        raise EventError(
            f"{where} has the `id` {_shown(name)}: send a text of 1 to {LONGEST_ID} characters."
        )
    if not is_id(household):
        raise EventError(f"{where} has the `household` {_shown(household)}: send {_AN_ID}.")
    if type(time) not in (int, float) or not 0 <= time <= clock + EARLY:
        raise EventError(
            f"{where} has the `time` {_shown(time)}: send Unix time in seconds, from 0 to "
            f"{clock + EARLY:.0f} (a day from now)."
        )
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise EventError(
            f"{where} has the `items` {_shown(items)}: send a list of 1 to {MOST_ITEMS:,} item ids."
        )
    for place, item in enumerate(items):
        if not is_id(item):
            raise EventError(f"{where} has {_shown(item)} as item {place}: send {_AN_ID}.")
    return Event(name, household, float(time), tuple(items))


_AN_ID = "a whole number from 0 to 2^63 - 1"


def is_id(value: object) -> bool:
    """Whether a value can name a household or an item: an int64 that is not negative."""
    return type(value) is int and 0 <= value <= _LARGEST


def _shown(value: object) -> str:
    """What was sent, short enough for a sentence."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}..."
