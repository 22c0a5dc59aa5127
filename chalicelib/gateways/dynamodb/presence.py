"""Presence: in which hours there are events of a region, source or kind, so that who seeks rare ones skips the others.

For each value and hour there is an item, written before the first event that needs it. So an hour may have an item and
no event, after a crash in between, but no event is without its item. Each function instance remembers what it has
written; so an hour costs a unit for each value and instance, not for each event.
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
# What of an event never changes, and no index has. Its value is a part of a key.
FIELDS = ("region", "source", "kind")
LONGEST_VALUE = 200
MOST_REMEMBERED = 10_000
# Says since when all who write events write this: what was stored before may have no item.
SINCE: Key = {"pk": "SEEN", "sk": "SINCE"}
# Events may be dated so far ahead; and functions of before the change may have run for a while beside those of after.
COMPLETE_AFTER = FURTHEST_AHEAD + HOUR
# Hours read at a time: a few units.
READ_AT_ONCE = 500
# Hours that follow each other are one stretch, of up to so many at first, and of twice as many each time.
FIRST_STRETCH = 24
# After so many stretches the rest is read without skipping: each is a query for each shard, whether it has much or not.
MOST_STRETCHES = 20
# Less time than this is read as it is.
SHORT = 6 * HOUR


class PresenceWriter(Struct):
    """Writes in which hours events are, and remembers until when that is known."""

    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, table: DynamoTable, event: Event, expired_at: int) -> None:
        """Make sure that each item of an event is there until the event has expired (epoch seconds)."""
        until = (expired_at // DAY + 2) * DAY  # whole days: not each event of an hour is to write it again
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        for key in presence_keys(event):
            at = key["pk"], key["sk"]
            if self._known.get(at, 0) < until:
                table.update(Update(key, {"expired_at": until}, [Expected(BELOW, "expired_at", until)]))
                self._known[at] = until


def presence_keys(event: Event) -> list[Key]:
    """Return the keys of the items that say when there was an event of this region, source and kind."""
    hour = f"{event.published_at // HOUR * HOUR:010d}"
    return [{"pk": _partition(name, value), "sk": hour} for name in FIELDS if (value := getattr(event, name))]


def _partition(name: str, value: str) -> str:
    return f"SEEN#{name}#{value[:LONGEST_VALUE]}"


def kind_keys(kinds: Iterable[str], hours: Iterable[int]) -> list[Key]:
    """Return the keys of the items that say in which of some hours (counted from 1970 on) there was which kind."""
    return [{"pk": _partition("kind", kind), "sk": f"{hour * HOUR:010d}"} for kind in kinds for hour in hours]


def may_have(found: Mapping[tuple[str, str], Item], kinds: Iterable[str], hours: range) -> bool:
    """Tell by the items that were found, SINCE among them, whether there may be an event of the kinds in the hours."""
    since = found.get((SINCE["pk"], SINCE["sk"]), {}).get("at", {"N": "0"})
    is_complete = hours.start * HOUR >= complete_from(int(since["N"]))
    return not is_complete or any((each["pk"], each["sk"]) in found for each in kind_keys(kinds, hours))


class PresenceReader(Struct):
    """Tells which stretches of time may have what a query seeks; `_since` is remembered as it never changes."""

    _since: int = 0

    def stretches(self, table: DynamoTable, query: EventQuery, span: Span) -> Iterable[Span]:
        """Return the parts of a span of ids that may have an event of the query's, in the span's order."""
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
    """Return from which time on each event has its items; LATEST where nobody has begun to write them."""
    return (since + COMPLETE_AFTER) // HOUR * HOUR + HOUR if since else LATEST


def _within(span: Span, low: int, high: int) -> Span:
    """Return the part of a span of ids from one second to another."""
    return replace(span, low=max(span.low, f"{low:010d}"), high=min(span.high, f"{min(high, LATEST):010d}{HIGHEST}"))


def _known(table: DynamoTable, partitions: list[str], span: Span) -> Iterator[Span]:
    """Iterate over the stretches of a span that each of the partitions has; the last one is all that is left."""
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
    """Iterate over the hours that all partitions have, in the span's order."""
    low, high = _seconds(span.low, 0) // HOUR * HOUR, _seconds(span.high, LATEST)
    whole = Span(f"{low:010d}", f"{high:010d}", ascending=span.ascending)
    queries = [table.query(each, whole, size=READ_AT_ONCE, consistent=True) for each in partitions]
    merged = merge(*(map(_hour_of, each) for each in queries), reverse=not span.ascending)
    return (hour for hour, found in groupby(merged) if sum(1 for _ in found) == len(partitions))


def _hour_of(item: Item) -> int:
    return int(item["sk"]["S"])


def _seconds(position: str, nothing: int) -> int:
    """Return the time at which an id begins; `nothing` where it does not begin with one, as what is no id."""
    digits = position[:10]
    return int(digits) if len(digits) == 10 and digits.isascii() and digits.isdecimal() else nothing  # noqa: PLR2004 - as ids have
