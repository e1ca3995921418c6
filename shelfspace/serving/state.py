"""What the service knows: a model, and which events it has learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from shelfspace.serving.events import Event
from shelfspace.serving.log import EventLog, LogError


class Model(Protocol):
    """Whatever can stand behind the service. It is called by one thread, one call at a time."""

    def predict(self, time: float, household: int) -> Sequence[int]:
        """Item ids for a household at a time, best first; a stranger gets some, too."""

    def learn(self, time: float, household: int, items: Sequence[int]) -> None:
        """A household bought items at a time, which may lie before others that were learnt."""


class State:
    """A model that has learnt every event of a log once, and learns on.

    Parameters
    ----------
    model : Model
        Fresh: it learns here what the log holds.
    log : EventLog

    Raises
    ------
    LogError
        If the log is damaged.
    """

    def __init__(self, model: Model, log: EventLog) -> None:
        self.log = log
        self.newest = 0.0
        """Time of the newest event: recommendations are as of then."""
        self._model = model
        self._ids: set[str] = set()
        for number, record in enumerate(log.replay(), start=1):
            try:
                event = Event.from_record(record)
            except ValueError:
                raise LogError(
                    f"Record {number:,} of the log {log.path} is no event: name another file."
                ) from None
            if self._is_new(event):
                self._learn(event)

    @property
    def events(self) -> int:
        """How many events there are."""
        return len(self._ids)

    async def accept(self, events: Iterable[Event]) -> list[bool]:
        """Whether each event is new; returns once all of them are durable and learnt.

        Raises
        ------
        LogError
            If the log can't be written.
        """
        # An id is known from here on, so that the same event is not written twice; whoever brings
        # it again waits, with the rest, until the first one is durable.
        events = list(events)
        is_new = [self._is_new(event) for event in events]
        fresh = [event for event, new in zip(events, is_new, strict=True) if new]
        await self.log.append([event.record() for event in fresh])
        for event in fresh:
            self._learn(event)
        return is_new

    def recommend(self, household: int) -> list[int]:
        """Item ids for a household as of the newest event, best first."""
        return list(self._model.predict(self.newest, household))

    def _is_new(self, event: Event) -> bool:
        if event.id in self._ids:
            return False
        self._ids.add(event.id)
        return True

    def _learn(self, event: Event) -> None:
        self._model.learn(event.time, event.household, event.items)
        self.newest = max(self.newest, event.time)
