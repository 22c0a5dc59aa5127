"""Events that were stored alone, in memory: entered beside each other, and removed as they are merged."""

import itertools
from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import LISTED_RESOURCES, Event
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents

MOST_ENTRIES = 16


class FakeUnmergedEvents:
    """The part of a store that knows which events wait for `merge`; an entry is an event's id."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.unmerged_events: dict[str, UnmergedEvents] = {}
        self._entered: dict[tuple[str, str], tuple[str, int]] = {}

    def find(self, event_id: str) -> Record | None:
        """Return one event, whole."""
        raise NotImplementedError

    def entered(self, limit: int, after: str = "") -> list[Entries]:
        """Return the entries of about `limit` events that wait for `merge`."""
        found: list[Entries] = []
        for name in sorted(map(int, self.unmerged_events)):
            if limit > 0 and name > int(after or 0):
                found.append(self.unmerged_events[str(name)])
                limit -= len(found[-1].entries)
        return found

    def unmerged(self, entered: Sequence[Entries], *, with_details: bool = True) -> list[UnmergedEvents]:
        """Return entries with their events."""
        return [self._with_records(each, with_details) for each in entered]

    def _with_records(self, some: Entries, with_details: bool) -> UnmergedEvents:
        records = {event_id: record for event_id in sorted(some.entries) if (record := self.find(event_id))}
        known = records if with_details else {entry: _without_detail(one) for entry, one in records.items()}
        return UnmergedEvents(name=some.name, fingerprint=some.fingerprint, entries=some.entries, records=known)

    def alert(self, fingerprint: str) -> Alert | None:
        """Return an alert."""
        raise NotImplementedError

    def alerts_of(self, fingerprints: Sequence[str]) -> dict[str, Alert]:
        """Return the alerts of these fingerprints that there are."""
        return {each: alert for each in fingerprints if (alert := self.alert(each))}

    def unmerged_now(self, some: Sequence[UnmergedEvents]) -> list[UnmergedEvents]:
        """Return these as far as they still wait."""
        now = [(each, self.unmerged_events.get(each.name)) for each in some]
        found = [each.as_now(known.entries) for each, known in now if known]
        return [each for each in found if each.records]

    def _enter(self, event: Event, writer: str = "") -> str:
        """Enter an event where its writer enters those of its problem; returns the name of the item."""
        name, count = self._entered.get((writer, event.fingerprint), ("", MOST_ENTRIES))
        if count >= MOST_ENTRIES:
            name, count = str(next(self.numbers)), 0
        self._entered[writer, event.fingerprint] = name, count + 1
        known = self.unmerged_events.get(name)
        entries = (*known.entries, event.id) if known else (event.id,)
        new = UnmergedEvents(name=name, fingerprint=event.fingerprint, entries=entries, records={})
        self.unmerged_events[name] = new
        return name

    @property
    def waiting(self) -> set[str]:
        """The ids of the events that wait for `merge`."""
        return {entry for each in self.unmerged_events.values() for entry in each.entries}

    def _is_as_read(self, some: UnmergedEvents) -> bool:
        known = self.unmerged_events.get(some.name)
        return known is not None and set(known.entries) == set(some.entries)

    def _leave(self, some: UnmergedEvents) -> None:
        del self.unmerged_events[some.name]
        if some.left:
            self.unmerged_events[some.name] = replace(some, entries=some.left, records={}, stays=frozenset())


def _without_detail(record: Record) -> Record:
    resources = record.event.resources[:LISTED_RESOURCES]
    return replace(record, event=replace(record.event, detail=None, resources=resources))
