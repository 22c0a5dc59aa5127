"""The event store: one event, a page of events, all events of a time; reads no more than needed."""

from collections.abc import Iterator
from heapq import merge
from itertools import batched, chain
from typing import TYPE_CHECKING

from msgspec import Struct, field

from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import EventQuery
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import PRESENT, Expected, Item, Update
from chalicelib.gateways.dynamodb.hour_index import HourIndexReader, HourIndexWriter
from chalicelib.gateways.dynamodb.pagination import (
    LONGEST_KEY,
    MOST_EXAMINED,
    STRIDE,
    fill,
    position_of,
    seconds,
    span_of,
)
from chalicelib.gateways.dynamodb.shards import PROJECTED, ShardReader, outside_fourth
from chalicelib.gateways.dynamodb.table import DynamoTable, Span, sort_key

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock


class DynamoEventStore(Struct, frozen=True):
    """Reads events; expired ones are left out, deleted already or not."""

    table: DynamoTable
    clock: "Clock"
    _hour_index: HourIndexReader = field(default_factory=HourIndexReader)
    _shards: ShardReader = field(default_factory=ShardReader)

    def find(self, event_id: str) -> Record | None:
        """Return one event with its detail, as last written; None where there is none."""
        if not 0 < len(event_id) <= LONGEST_KEY:
            return None
        # Who makes an id anew, as of a day's reconciliation, knows nothing of shards.
        places = dict.fromkeys((event_id, outside_fourth(event_id)))
        item = next(filter(None, (self.table.get(items.event_key(each)) for each in places)), None)
        record = items.record_of(self._whole(item)) if item else None
        return record if record and record.expired_at > self.clock.now() else None

    def page(self, query: EventQuery, now: int) -> Page[Record]:
        """Return a page of abridged events, having examined at most 1,000."""
        position, span = position_of(query.cursor), span_of(query)
        span = span.behind(position) if position else span
        return fill(self._found(query, span, position, now), query, MOST_EXAMINED)

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Iterate over all abridged events published from `start` up to, not including, `end`, oldest first."""
        now, span = self.clock.now(), Span(*seconds(start, end - 1))
        shards = [self.table.query(each, span, attributes=PROJECTED) for each in items.EVENTS]
        portions = (map(items.record_of, portion) for portion in batched(merge(*shards, key=sort_key), STRIDE))
        return chain.from_iterable([each for each in records if each.expired_at > now] for records in portions)

    def _whole(self, event: Item) -> Item:
        return event if "content" in event else (self.table.get(items.content_key(sort_key(event))) or {}) | event

    def _found(self, query: EventQuery, span: Span, position: str, now: int) -> Iterator[tuple[str, Record | None]]:
        """Iterate over the events in the span, by their ids; None stands for one that does not match."""
        for portion in batched(self._query(query, span, now), query.limit + 2):
            records = [items.record_of(item) for item in portion]
            fitting = [record.expired_at > now and query.matches(record) for record in records]
            for record, fits in zip(records, fitting, strict=True):
                if record.event.id != position:
                    yield record.event.id, record if fits else None

    def _query(self, query: EventQuery, span: Span, now: int) -> Iterator[Item]:
        """Iterate over the items in the span, from an index if one suits the query, else from all shards.

        Hours known to have no matching event are skipped.
        """
        by, partition = _index_of(query)
        rare = query.filters_beyond(by)
        if len(partition) > LONGEST_KEY or query.account_ids == ():
            return
        for part in self._hour_index.stretches(self.table, query, span):
            if partition:
                size = STRIDE if rare else query.limit + 2
                yield from self.table.query(partition, part, index=f"by_{by}", size=size)
            else:
                # Half as many again as one of three shards has on average: it is seldom asked a second time.
                size = STRIDE if rare else query.limit // 2 + 2
                yield from self._shards.query(self.table, part, size, now)


class DynamoEventRetention(Struct, frozen=True):
    """Extends how long events are kept."""

    table: DynamoTable
    _hour_index: HourIndexWriter = field(default_factory=HourIndexWriter)

    def extend(self, event: Event, until: int) -> None:
        """Keep an event until then; first its content and hour index entries, which no event may be without."""
        self._hour_index.note(self.table, event, until)
        for key in (items.content_key(event.id), items.event_key(event.id)):
            self.table.update(Update(key, {"expired_at": until}, [Expected(PRESENT, "pk")]))


def _index_of(query: EventQuery) -> tuple[str, str]:
    """Return the index that suits the query best, and its partition; an account name may stand for one account."""
    if query.fingerprint:
        return "fingerprint", query.fingerprint
    if not query.account and query.account_ids and len(query.account_ids) == 1:
        return "account", query.account_ids[0]
    return "account", query.account
