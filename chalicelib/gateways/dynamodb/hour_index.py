"""The hour index: in which hours there are events of a region, source or kind; lists of rare events skip the others.

For each value and hour there is one item, written before the first event that needs it. After a crash in between an
hour may have an item and no event, but no event is without its item. Each function instance remembers what it has
written, so an hour costs one write unit for each value and instance, not for each event.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, groupby

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.events.envelope import FURTHEST_AHEAD
from chalicelib.domain.events.event import Event
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb.expressions import BELOW, Expected, Item, Key, Update
from chalicelib.gateways.dynamodb.pagination import LATEST
from chalicelib.gateways.dynamodb.table import HIGHEST, DynamoTable, Span

HOUR = 3_600
# Fields that never change and that no DynamoDB index has; their values become part of a key.
FIELDS = ("region", "source", "kind")
LONGEST_VALUE = 200
MOST_REMEMBERED = 10_000
# Since when the index has been written; events stored before may have no item.
SINCE: Key = {"pk": "SEEN", "sk": "SINCE"}
# An event may be dated that far ahead; and for up to an hour functions of the older version may have run as well.
COMPLETE_AFTER = FURTHEST_AHEAD + HOUR
# Hours read at a time: a few units.
READ_AT_ONCE = 500
# Consecutive hours are read as one stretch: of up to 24 hours at first, then of twice as many each time.
FIRST_STRETCH = 24
# After so many stretches the rest is read without skipping, as each stretch costs a query per shard.
MOST_STRETCHES = 20
# A shorter span is read without the index.
SHORT = 6 * HOUR


class HourIndexWriter(Struct):
    """Writes the index, and remembers what it has written and until when that is kept."""

    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, table: DynamoTable, event: Event, expired_at: int) -> None:
        """Write an event's items, to be kept at least until the event expires (epoch seconds)."""
        until = (expired_at // DAY + 2) * DAY  # whole days, so that the events of an hour share a write
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        for key in hour_index_keys(event):
            at = key["pk"], key["sk"]
            if self._known.get(at, 0) < until:
                table.update(Update(key, {"expired_at": until}, [Expected(BELOW, "expired_at", until)]))
                self._known[at] = until


def hour_index_keys(event: Event) -> list[Key]:
    """Return the keys of an event's items: one for each of its region, source and kind."""
    hour = f"{event.published_at // HOUR * HOUR:010d}"
    return [{"pk": _partition(name, value), "sk": hour} for name in FIELDS if (value := getattr(event, name))]


def _partition(name: str, value: str) -> str:
    return f"SEEN#{name}#{value[:LONGEST_VALUE]}"


def kind_keys(kinds: Iterable[str], hours: Iterable[int]) -> list[Key]:
    """Return the keys of the items of some kinds in some hours (numbered from 1970 on)."""
    return [{"pk": _partition("kind", kind), "sk": f"{hour * HOUR:010d}"} for kind in kinds for hour in hours]


def may_have(found: Mapping[tuple[str, str], Item], kinds: Iterable[str], hours: range) -> bool:
    """Return whether there may be events of the kinds in the hours, by the items `found`, SINCE among them."""
    since = found.get((SINCE["pk"], SINCE["sk"]), {}).get("at", {"N": "0"})
    is_complete = hours.start * HOUR >= complete_from(int(since["N"]))
    return not is_complete or any((each["pk"], each["sk"]) in found for each in kind_keys(kinds, hours))


class HourIndexReader(Struct):
    """Finds the stretches of time that may have what a query seeks; `_since` never changes, so it is read once."""

    _since: int = 0

    def stretches(self, table: DynamoTable, query: EventQuery, span: Span) -> Iterable[Span]:
        """Return the parts of a span of event ids that may have events that match the query, in the span's order."""
        partitions = [_partition(name, value) for name in FIELDS if (value := getattr(query, name))]
        low, high = _seconds(span.low, 0), _seconds(span.high, LATEST)
        complete = self._complete_from(table) if partitions and high - low > SHORT else LATEST
        if complete >= high:
            return [span]
        known = _known(table, partitions, _within(span, max(complete, low), high))
        older = [replace(span, high=min(span.high, f"{complete - 1:010d}{HIGHEST}"))] if low < complete else []
        return chain(older, known) if span.ascending else chain(known, older)

    def _complete_from(self, table: DynamoTable) -> int:
        if not self._since:
            found = table.get(SINCE)
            self._since = int(found["at"]["N"]) if found else 0
        return complete_from(self._since)


def complete_from(since: int) -> int:
    """Return the time from which on every event has its items; LATEST where the index was never written."""
    return (since + COMPLETE_AFTER) // HOUR * HOUR + HOUR if since else LATEST


def _within(span: Span, low: int, high: int) -> Span:
    """Return the part of a span of ids from one second to another."""
    return replace(span, low=max(span.low, f"{low:010d}"), high=min(span.high, f"{min(high, LATEST):010d}{HIGHEST}"))


def _known(table: DynamoTable, partitions: list[str], span: Span) -> Iterator[Span]:
    """Iterate over stretches of hours that all partitions have; the last of MOST_STRETCHES covers all that is left."""
    hours = _hours(table, partitions, span)
    longest, count = FIRST_STRETCH, 0
    first = last = next(hours, None)
    while first is not None and last is not None:
        following = next(hours, None)
        while following is not None and abs(following - last) == HOUR and abs(last - first) < (longest - 1) * HOUR:
            last, following = following, next(hours, None)
        count += 1
        if count == MOST_STRETCHES and following is not None:
            last = _seconds(span.high, LATEST) if span.ascending else _seconds(span.low, 0)
            following = None
        yield _within(span, min(first, last), max(first, last) + HOUR - 1)
        first = last = following
        longest *= 2


def _hours(table: DynamoTable, partitions: list[str], span: Span) -> Iterator[int]:
    """Iterate over the hours (epoch seconds) that all partitions have, in the span's order."""
    low, high = _seconds(span.low, 0) // HOUR * HOUR, _seconds(span.high, LATEST)
    whole = Span(f"{low:010d}", f"{high:010d}", ascending=span.ascending)
    queries = [table.query(each, whole, size=READ_AT_ONCE, consistent=True) for each in partitions]
    merged = merge(*(map(_hour_of, each) for each in queries), reverse=not span.ascending)
    return (hour for hour, found in groupby(merged) if sum(1 for _ in found) == len(partitions))


def _hour_of(item: Item) -> int:
    return int(item["sk"]["S"])


def _seconds(position: str, nothing: int) -> int:
    """Return the time (epoch seconds) that an event id begins with; `nothing` where it does not begin with one."""
    digits = position[:10]
    return int(digits) if len(digits) == 10 and digits.isascii() and digits.isdecimal() else nothing  # noqa: PLR2004 - as ids have
