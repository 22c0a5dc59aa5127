"""The archive: one event, a page of events, all events of a time; never more read than needed."""

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.queries import EventQuery, Page
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.items import Item
from chalicelib.gateways.dynamodb.pagination import (
    LONGEST_KEY,
    MOST_EXAMINED,
    STRIDE,
    fill,
    passes,
    position_of,
    seconds,
    span_of,
)
from chalicelib.gateways.dynamodb.table import Span, Table

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

PROJECTED = ("sk", *items.LISTED)


class Archive(Struct, frozen=True):
    """The reading side of the store; what has expired is not there, deleted already or not."""

    table: Table
    clock: "Clock"

    def find(self, event_id: str) -> Record | None:
        """Return one event, whole, as last written."""
        if not 0 < len(event_id) <= LONGEST_KEY:
            return None
        item = self.table.get(items.event_key(event_id))
        record = items.record_of(self._whole(item)) if item else None
        return record if record and record.expired_at > self.clock.now() else None

    def page(self, query: EventQuery, now: int) -> Page[Record]:
        """Return a page of abridged events, having examined at most 1,000."""
        found = (
            (record.event.id, record if record.expired_at > now and _fits(query, record) else None)
            for record in self._behind_cursor(query, span_of(query))
        )
        return fill(found, query, MOST_EXAMINED)

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Iterate over all abridged events published from `start` up to, not including, `end`, oldest first."""
        now = self.clock.now()
        shards = (
            self.table.query(items.events(shard), Span(*seconds(start, end - 1)), attributes=PROJECTED)
            for shard in range(items.SHARDS)
        )
        records = map(items.record_of, merge(*shards, key=_id_of))
        return (record for record in records if record.expired_at > now)

    def unmerged(self, limit: int) -> list[Record]:
        """Return up to `limit` whole events that wait for `fold`, those from longest ago."""
        shards = (self.table.query(items.unmerged(shard), index="work", size=limit) for shard in range(items.SHARDS))
        waiting = islice(merge(*shards, key=_id_of), limit)
        found = self.table.get_all(items.key_of(item) for item in waiting)
        now = self.clock.now()
        records = (items.record_of(self._whole(item)) for item in found if "work" in item)
        return [record for record in records if record.expired_at > now]

    def _whole(self, event: Item) -> Item:
        return event if "content" in event else (self.table.get(items.content_key(_id_of(event))) or {}) | event

    def _behind_cursor(self, query: EventQuery, span: Span) -> Iterator[Record]:
        position = position_of(query.cursor)
        found = self._query(query, span.behind(position))
        return (items.record_of(item) for item in found if _id_of(item) != position)

    def _query(self, query: EventQuery, span: Span) -> Iterator[Item]:
        """Iterate over the items in the span, by an index if there is one for the query, else over all shards."""
        by, partition = ("fingerprint", query.fingerprint) if query.fingerprint else ("account", query.account)
        rare = query.region or query.source or query.severity or query.outcome or (query.fingerprint and query.account)
        if len(partition) > LONGEST_KEY:
            return iter(())
        if partition:
            size = STRIDE if rare else query.limit + 2
            return self.table.query(partition, span, index=f"by_{by}", size=size)
        size = STRIDE if rare else query.limit // items.SHARDS + 2
        return merge(
            *(
                self.table.query(shard, span, size=size, attributes=PROJECTED)
                for shard in map(items.events, range(items.SHARDS))
            ),
            key=_id_of,
            reverse=not span.ascending,
        )


def _fits(query: EventQuery, record: Record) -> bool:
    """Tell whether the event passes the filters that no index answers; those that one does hold anyway."""
    return query.outcome in (None, record.outcome.status) and passes(query, record.event)


def _id_of(item: Item) -> str:
    event_id: str = item["sk"]["S"]
    return event_id
