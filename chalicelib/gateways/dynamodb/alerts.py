"""Alerts: reading one, a page of them by the start of their episodes, and those that need evaluating."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from heapq import merge
from itertools import batched, chain, compress, count, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Mark, Status
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import AlertQuery
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Item
from chalicelib.gateways.dynamodb.pagination import (
    LONGEST_KEY,
    fill,
    position_of,
    span_of,
)
from chalicelib.gateways.dynamodb.status_index import admitted, begun, position_of_begun, severity_at
from chalicelib.gateways.dynamodb.table import HIGHEST, DynamoTable, Partition, Span, key_of, sort_key

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, RankedAlerts


# Index entries read at a time while a page looks for something rare; about twenty are one read unit.
PLACES_AT_ONCE = 500

# Newest index entries that are ranked by severity; reading as many alerts would take ten times as long.
MOST_RANKED = 3_000

# So many entries that do not match count as one examined item.
MISSES = 3


class DynamoAlertStore(Struct, frozen=True):
    """The alerts; expired ones are left out, deleted already or not."""

    table: DynamoTable
    clock: "Clock"

    def find(self, fingerprint: str) -> Alert | None:
        """Return one alert, as last written."""
        return self._find(fingerprint, self.clock.now())

    def page(self, query: AlertQuery, now: int) -> Page[Alert]:
        """Return a page of alerts that ever fired, having examined at most as many as the query allows.

        Most alerts that do not match are recognised by their sort keys in the index, and not read.
        """
        found = (_matched(query, portion) for portion in self._behind_cursor(query, now))
        return fill(chain.from_iterable(found), query, query.MOST_EXAMINED)

    def count(self, status: Status, most: int) -> int:
        """Count the alerts of a status, up to `most`; expired ones count until they are deleted."""
        return self.table.count("by_status", status, most)

    def worst(self, query: AlertQuery, now: int) -> "RankedAlerts":
        """Return up to the query's limit of alerts, most severe first, as their sort keys say.

        Alerts written before sort keys had the severity are read first.
        """
        parts = (self._places(each) for each in query.statuses or tuple(Status))
        listed = list(islice(merge(*parts, key=itemgetter(0), reverse=True), MOST_RANKED + 1))
        wanted = compress(listed, admitted(query, [key for key, _ in listed[:MOST_RANKED]]))
        ranked = sorted(wanted, key=lambda each: (severity_at(each[0]), each[0]), reverse=True)
        found: dict[str, Alert] = {}
        for portion in batched(ranked[: query.MOST_EXAMINED], query.limit):
            if len(found) >= query.limit:
                break
            read = (_unexpired(each, now) for each in self.table.get_all(key_of(item) for _, item in portion))
            found |= {each.fingerprint: each for each in read if each and query.matches(each)}
        worst = sorted(found.values(), key=lambda each: (each.severity, each.since, each.fingerprint), reverse=True)
        is_enough = len(ranked) <= query.MOST_EXAMINED or len(found) >= query.limit
        from chalicelib.services.ports import RankedAlerts  # noqa: PLC0415 - a page alone ranks alerts

        return RankedAlerts(tuple(worst[: query.limit]), complete=len(listed) <= MOST_RANKED and is_enough)

    def _places(self, status: Status) -> Iterator[tuple[str, Item]]:
        entries = self.table.query(status, Span(ascending=False), index="by_status", size=MOST_RANKED + 1)
        return ((each["begun"]["S"], each) for each in entries)

    def due(self, now: int, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that need evaluating by `now`, longest waiting first.

        Those that can wait come last.
        """
        span = Span(high=f"{now:010d}{HIGHEST}")
        urgent, inhibiting, waiting = [
            self.table.query(each, span, index="work", size=limit)
            for each in (items.DUE, items.INHIBITING, items.CAN_WAIT)
        ]
        first = chain(merge(urgent, inhibiting, key=lambda item: item["work_at"]["S"]), waiting)
        found = map(items.alert_of, self.table.get_all(map(key_of, islice(first, limit))))
        due = (each for each in found if 0 < each.due <= now)
        return sorted(due, key=lambda each: (each.can_wait, each.due, each.fingerprint))

    def inhibitors(self, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that may inhibit others."""
        listed = self.table.query(items.INHIBITING, index="work", size=limit)
        found = map(items.alert_of, self.table.get_all(map(key_of, islice(listed, limit))))
        return sorted((each for each in found if each.inhibits), key=lambda each: each.fingerprint)

    def actions(self, fingerprint: str, limit: int) -> list[Mark]:
        """Return what was done to an alert, the newest first."""
        return [items.action_of(each) for each in self._beside(fingerprint, items.ACTION, limit)]

    def reminders(self, fingerprint: str, limit: int) -> list[str]:
        """Return the ids of the notifications about an alert that belong to none of its events, the newest first."""
        return [sort_key(each).partition("-")[2] for each in self._beside(fingerprint, items.REMINDER, limit)]

    def _beside(self, fingerprint: str, prefix: str, limit: int) -> Iterator[Item]:
        span = Span(prefix, f"{prefix}{HIGHEST}", ascending=False)
        found = self.table.query(items.alert_key(fingerprint)["pk"], span, size=limit)
        now = self.clock.now()
        return (each for each in islice(found, limit) if int(each["expired_at"]["N"]) > now)

    def _find(self, fingerprint: str, now: int) -> Alert | None:
        if not 0 < len(fingerprint) <= LONGEST_KEY:
            return None
        item = self.table.get(items.alert_key(fingerprint))
        return _unexpired(item, now) if item else None

    def _behind_cursor(self, query: AlertQuery, now: int) -> Iterator[list[tuple[str, Alert | None]]]:
        """Iterate over portions of alerts by their sort keys; None stands for one known not to match."""
        span, position = span_of(query), position_of(query.cursor)
        if query.fingerprint:
            alert = self._find(query.fingerprint, now)
            key = position_of_begun(begun(alert)) if alert else ""
            left = span.behind(position)
            return iter([[(key, alert)]] if key != position and left.low <= key <= left.high else [])
        if query.account_ids == ():
            return iter(())
        statuses = query.statuses or tuple(Status)
        size = PLACES_AT_ONCE if query.filters_beyond("statuses") else query.limit + 2
        wanted, parts = partial(admitted, query), map(Partition, statuses)
        listed = self.table.through("by_status", parts, span, size, position, wanted, query.limit + 2)
        found = ([(key, _unexpired(item, now) if item else None) for key, item in portion] for portion in listed)
        return _thinned(found)


def _thinned(found: Iterable[list[tuple[str, Alert | None]]]) -> Iterator[list[tuple[str, Alert | None]]]:
    """Leave out most of what does not match: a key costs little to read, so a page may examine more of them."""
    misses = count()
    for portion in found:
        yield [(key, alert) for key, alert in portion if alert or next(misses) % MISSES == MISSES - 1]


def _matched(query: AlertQuery, portion: Sequence[tuple[str, Alert | None]]) -> list[tuple[str, Alert | None]]:
    """Return positions, each with its alert, or None where that does not match."""
    fitting = [alert if alert and query.matches(alert) else None for _, alert in portion]
    return list(zip([position_of_begun(key) for key, _ in portion], fitting, strict=True))


def _unexpired(item: Item, now: int) -> Alert | None:
    return items.alert_of(item) if int(item["expired_at"]["N"]) > now else None
