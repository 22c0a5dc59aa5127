"""Unmerged events: events of one problem that were stored alone, with their entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Reason, Record


class Entries(Struct, frozen=True, kw_only=True):
    """Entries of one problem's events as read, and when the last of them was entered (epoch seconds)."""

    name: str
    fingerprint: str
    entries: tuple[str, ...]
    entered_at: int = 0


class UnmergedEvents(Entries, frozen=True, kw_only=True):
    """Entries as read, and the records that they stand for; what `stays` is not merged yet.

    Any other entry stands for nothing: its event was stored by another call, or has expired. What stays may be on its
    way to the table, or is merged later.
    """

    records: Mapping[str, Record]
    stays: frozenset[str] = frozenset()

    @property
    def left(self) -> tuple[str, ...]:
        """The entries that remain once the records are merged."""
        return tuple([each for each in self.entries if each in self.stays])

    @property
    def writes(self) -> int:
        """The number of writes to merge them: one, and one for each event whose outcome is unknown yet."""
        return 1 + sum(each.outcome.reason is Reason.PROCESSING for each in self.records.values())

    def divided(self, count: int) -> tuple[Self, Self]:
        """Return them with the first `count` records, and the rest as it is after those are merged."""
        first = dict(islice(self.records.items(), count))
        others = {entry: each for entry, each in self.records.items() if entry not in first}
        part = replace(self, records=first, stays=self.stays.union(others))
        return part, replace(self, records=others, entries=part.left)

    def as_now(self, entries: Sequence[str]) -> Self:
        """Return them with the current entries: new ones stay, and missing ones were merged by another sweep."""
        new = set(entries).difference(self.entries)
        records = {entry: each for entry, each in self.records.items() if entry in entries}
        return replace(self, entries=tuple(entries), records=records, stays=self.stays.union(new))


def portions(entered: Iterable[Entries], most_events: int, most_problems: int) -> Iterator[list[Entries]]:
    """Divide entries into portions to read at once, each problem's entries in order."""
    problems: dict[str, list[Entries]] = {}
    for each in entered:
        problems.setdefault(each.fingerprint, []).append(each)
    portion, room, known = list[Entries](), most_events, set[str]()
    for each in chain.from_iterable(problems.values()):
        known.add(each.fingerprint)
        if portion and (len(each.entries) > room or len(known) > most_problems):
            yield portion
            portion, room, known = [], most_events, {each.fingerprint}
        portion.append(each)
        room -= len(each.entries)
    if portion:
        yield portion


def records_of(some: Iterable[UnmergedEvents]) -> list[Record]:
    """Return all records, in the order of their events."""
    return sorted([each for one in some for each in one.records.values()], key=lambda each: each.event.id)


def events_of(some: Iterable[UnmergedEvents]) -> list[Event]:
    """Return the events of all records, in their order."""
    return [each.event for each in records_of(some)]


def that_fit(some: Sequence[UnmergedEvents], writes: int) -> tuple[list[UnmergedEvents], list[UnmergedEvents]]:
    """Return what up to so many writes can merge, at least one record, and the rest.

    A part that does not fit is divided.
    """
    fit: list[UnmergedEvents] = []
    for number, each in enumerate(some):
        if each.writes > writes:
            if fit and writes < 2:  # noqa: PLR2004 - the entries, and one event
                return fit, list(some[number:])
            part, rest = each.divided(max(1, writes - 1))
            return [*fit, part], [*([rest] if rest.records else []), *some[number + 1 :]]
        fit.append(each)
        writes -= each.writes
    return fit, []
