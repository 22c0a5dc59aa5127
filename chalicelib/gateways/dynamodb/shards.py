"""Shards: the partitions that events are spread over, four up to a time and three from then on; a list queries each.

Where an event lies follows from its id alone. From that time on, an id that belongs to the fourth shard is replaced by
one that does not, so versions of the hub that know four shards find all events too. Up to that time ids stay as they
are: it is a day after all who write events know of it, so that both versions give a redelivered event the same id.
"""

from collections.abc import Callable, Iterator
from functools import partial
from heapq import merge

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import LATEST, Event
from chalicelib.domain.text import digest
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import ABSENT, IS, MISSING, PRESENT, Expected, Item, Update, encode
from chalicelib.gateways.dynamodb.hour_index import SINCE, complete_from
from chalicelib.gateways.dynamodb.table import HIGHEST, DynamoTable, Span, sort_key

*THREE, FOURTH = items.EVENTS
# The attributes of an event that a list needs.
PROJECTED = ("sk", *items.LISTED)
# An attribute of the hour index's item SINCE: the time from which on there are three shards.
THREE_FROM = "three_from"
# An older version may have been back for a while: it is known for so long (seconds) from which time on it is.
REMEMBERED_FOR = 60
# No function of an older version runs for longer beside those of this one: then who writes knows it for good.
LONGEST_RUN = 900


def outside_fourth(event_id: str) -> str:
    """Return an id that does not belong to the fourth shard: this one, or one derived from it, of the same time."""
    time = event_id.partition("-")[0]
    while items.event_key(event_id)["pk"] == FOURTH:
        event_id = f"{time}-{digest(event_id)}"
    return event_id


class ShardWriter(Struct):
    """Chooses the ids that events are stored under, and from when on these avoid the fourth shard."""

    _three_from: int | None = None
    _settled_at: int = 0
    _known_until: int = 0

    def stored_id(self, table: DynamoTable, event: Event) -> str:
        """Return the id that an event is stored under; the same for every delivery and every instance."""
        three_from, replaced = self.three_from(table, event.received_at), outside_fourth(event.id)
        if replaced == event.id or event.published_at >= three_from:
            return replaced
        # An older version may have been back since it was stored, and the time have been set anew.
        return replaced if table.get(items.event_key(replaced)) else event.id

    def three_from(self, table: DynamoTable, now: int) -> int:
        """Return from when on there are three shards; the first instance sets that, before it stores any event."""
        if now >= self._known_until:
            self._settled_at = self._settled_at or now + LONGEST_RUN
            self._known_until = now + REMEMBERED_FOR if now < self._settled_at else LATEST
            self._three_from = None
        while self._three_from is None:
            self._three_from = _agreed(table, now)
        return self._three_from


def _agreed(table: DynamoTable, now: int) -> int | None:
    """Return the time that all instances agree on; None where it was written just now, perhaps by another."""
    since = table.get(SINCE)
    if since is None:
        three_from = complete_from(now) if _has_events(table) else 0
        return three_from if table.put(encode({**SINCE, "at": now, THREE_FROM: three_from}), ABSENT) else None
    if THREE_FROM not in since:
        expected = [Expected(PRESENT, "at"), Expected(MISSING, THREE_FROM)]
        table.update(Update(SINCE, {THREE_FROM: complete_from(now)}, expected))
        return None
    three_from = _three_from(since)
    last = next(table.query(FOURTH, Span(ascending=False), size=1, attributes=("sk",), consistent=True), None)
    if last is None or sort_key(last) < _position(three_from):
        return three_from
    # An older version has been back since then.
    later = max(complete_from(now), int(sort_key(last)[:10]) + 1)
    table.update(Update(SINCE, {THREE_FROM: later}, [Expected(IS, THREE_FROM, three_from)]))
    return None


def _has_events(table: DynamoTable) -> bool:
    return any(next(table.query(each, size=1, consistent=True), None) for each in items.EVENTS)


def _three_from(since: Item) -> int:
    return int(since[THREE_FROM]["N"])


def _position(time: int) -> str:
    return f"{time:010d}"


class ShardReader(Struct):
    """Reads events in the order of their ids, and the fourth shard only where it may have any."""

    _three_from: int | None = None
    _known_until: int = 0

    def query(self, table: DynamoTable, span: Span, size: int, now: int) -> Iterator[Item]:
        """Iterate over the events of a span, reading `size` items of a shard at a time."""
        read = partial(table.query, size=size, attributes=PROJECTED)
        found = merge(*(read(each, span) for each in THREE), key=sort_key, reverse=not span.ascending)
        older = replace(span, high=min(span.high, self._end_of_fourth(table, now)))
        if older.low >= older.high:
            return found
        if span.ascending:
            return merge(found, read(FOURTH, older), key=sort_key)
        return _with_older(found, older.high, lambda: read(FOURTH, older))

    def _end_of_fourth(self, table: DynamoTable, now: int) -> str:
        """Return a position after all events that the fourth shard has, or may still get."""
        if now >= self._known_until:
            since = table.get(SINCE) or {}
            self._three_from = _three_from(since) if THREE_FROM in since else None
            self._known_until = now + REMEMBERED_FOR
        if self._three_from is None:
            return HIGHEST
        return _position(self._three_from) if self._three_from else ""


def _with_older(found: Iterator[Item], last: str, older: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """Iterate over what was found, newest first, merging from `last` on with `older`, which is read only then."""
    for item in found:
        if sort_key(item) <= last:
            yield from merge([item], found, older(), key=sort_key, reverse=True)
            return
        yield item
    yield from older()
