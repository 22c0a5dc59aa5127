"""Alert overview: alerts for the web page's list, by tab, filtered and sorted, and how many each tab has."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, override

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.hourly_counts import hourly, hours_until, remembers_all
from chalicelib.domain.alerts.joined_accounts import MOST_JOINED
from chalicelib.domain.events.event import Event
from chalicelib.domain.pagination import Cursor
from chalicelib.domain.queries import AlertQuery, ListQuery
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.services import ports

# Tabs show counts up to this; a higher number tells nobody anything.
MOST_COUNTED = 1_000
# Lists that are filtered, or sorted by anything but the start, search this many of the newest alerts: reading more
# takes longer than a page should (bench/ui.py).
MOST_SORTED = 500
# Seconds for which one function instance caches the counts.
REMEMBERED_FOR = 15


class Tab(StrEnum):
    """A tab of the list; SILENCED are alerts that are not resolved and that a silence covers now."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    SILENCED = "silenced"
    ALL = "all"


class Order(StrEnum):
    """What a list of alerts is sorted by; equal ones are listed newest first."""

    SINCE = "since"
    SEVERITY = "severity"
    LAST_SEEN = "last_seen"
    COUNT = "count"


STATUSES: Mapping[Tab, tuple[Status, ...]] = {
    Tab.FIRING: (Status.FIRING,),
    Tab.ACKNOWLEDGED: (Status.ACKNOWLEDGED,),
    Tab.RESOLVED: (Status.RESOLVED,),
    Tab.SILENCED: (Status.FIRING, Status.ACKNOWLEDGED),
    Tab.ALL: (),
}
KEYS: Mapping[Order, Callable[[Alert], Any]] = {
    Order.LAST_SEEN: lambda alert: alert.last_seen,
    Order.COUNT: lambda alert: (alert.count, alert.since),
}


class OverviewQuery(AlertQuery, frozen=True, kw_only=True):
    """Which alerts to list.

    `accounts` are those of a name, an id or a team (None: all); an alert matches in any of its own. `receiver` was
    notified of it; `covered` says whether a silence covers it. `named` are the accounts whose name contains the text.
    """

    UNBOUND: ClassVar = ListQuery.UNBOUND | {"accounts", "named", "covered"}
    MOST_EXAMINED: ClassVar = MOST_SORTED

    accounts: frozenset[str] | None = None
    named: frozenset[str] = frozenset()
    receiver: str = ""
    covered: Callable[[Alert], bool] | None = None

    def matches(self, alert: Alert) -> bool:
        """Return whether an alert passes the filters."""
        return (
            super().matches(alert)
            and (self.accounts is None or not self.accounts.isdisjoint(accounts_of(alert)))
            and (not self.receiver or self.receiver in receivers_of(alert))
            and (self.covered is None or self.covered(alert))
        )

    @override
    def mentions(self, subject: Event | Alert) -> bool:
        """Return whether the text is in the title or resource, or names an account."""
        is_named = isinstance(subject, Alert) and not self.named.isdisjoint(accounts_of(subject))
        return is_named or super().mentions(subject)


class Overview(Struct, frozen=True):
    """A page of alerts; `complete` is False where there were too many alerts to sort or search all."""

    items: tuple[Alert, ...]
    next: Cursor | None
    previous: Cursor | None
    complete: bool = True


class AlertOverview:
    """Lists and counts alerts; counts are cached for some seconds."""

    def __init__(
        self,
        store: ports.AlertStore,
        index: ports.AlertIndex,
        hourly_counts: ports.HourlyCountStore,
        policy: Callable[[], Policy],
        clock: ports.Clock,
    ) -> None:
        self._store, self._index, self._hourly_counts = store, index, hourly_counts
        self._policy, self._clock = policy, clock
        self._counts: tuple[int, Mapping[Tab, int]] = (0, {})

    def page(self, tab: Tab, query: OverviewQuery, order: Order = Order.SINCE) -> Overview:
        """Return a page of alerts: by start from the index, in other orders sorted among the newest."""
        chosen = self._of_tab(tab, query)
        if order is Order.SINCE:
            page = self._store.page(chosen, self._clock.now())
            is_short = len(page.items) < query.limit and page.next is not None
            return Overview(page.items, page.next, page.previous, complete=not is_short)
        first = _offset(query.cursor)
        last = first + query.limit
        ranked = self._ranked(replace(chosen, cursor=None), order, last + 1)
        return Overview(
            ranked.items[first:last],
            Cursor(str(last)) if last < len(ranked.items) else None,
            Cursor(str(max(0, first - query.limit))) if first else None,
            complete=ranked.complete,
        )

    def _ranked(self, query: OverviewQuery, order: Order, limit: int) -> ports.RankedAlerts:
        """Return alerts in another order than the index has: by severity among thousands, else among 500."""
        if order is Order.SEVERITY:
            return self._index.worst(replace(query, limit=limit), self._clock.now())
        found = self._store.page(replace(query, limit=MOST_SORTED), self._clock.now())
        ranked = sorted(found.items, key=KEYS[order], reverse=True)
        return ports.RankedAlerts(tuple(ranked), complete=found.next is None)

    def counts(self) -> Mapping[Tab, int]:
        """Return how many alerts each tab has, up to a thousand, as of some seconds ago."""
        now = self._clock.now()
        if now - self._counts[0] >= REMEMBERED_FOR:
            self._counts = now, self._counted()
        return self._counts[1]

    def forget(self) -> None:
        """Drop the cached counts, as this function has changed something."""
        self._counts = (0, {})

    def silence_of(self, alert: Alert) -> Any:
        """Return the silence that covers an alert now, or None."""
        return self._policy().silence(alert, self._clock.now()) if alert.status is not Status.RESOLVED else None

    def hours_of(self, alerts: Sequence[Alert]) -> Mapping[str, tuple[int, ...]]:
        """Return how often each alert fired in each of the last 24 hours; reads hourly counts of busy alerts only."""
        now = self._clock.now()
        busy = [each.fingerprint for each in alerts if not remembers_all(each.timeline, now)]
        counts = self._hourly_counts.find_all(busy, hours_until(now)) if busy else {}
        return {each.fingerprint: hourly(each, counts.get(each.fingerprint, {}), now) for each in alerts}

    def _counted(self) -> Mapping[Tab, int]:
        by_status = {
            tab: self._index.count(Status(tab), MOST_COUNTED) for tab in (Tab.FIRING, Tab.ACKNOWLEDGED, Tab.RESOLVED)
        }
        return {**by_status, Tab.SILENCED: self._silenced(), Tab.ALL: min(sum(by_status.values()), MOST_COUNTED)}

    def _silenced(self) -> int:
        """Count the silenced among the newest 500 open alerts; without a read where no silence is in force."""
        now = self._clock.now()
        if not any(each.starts_at <= now < each.ends_at for each in self._policy().silences):
            return 0
        query = self._of_tab(Tab.SILENCED, OverviewQuery(limit=MOST_SORTED))
        return len(self._store.page(query, now).items)

    def _of_tab(self, tab: Tab, query: OverviewQuery) -> OverviewQuery:
        covered = (lambda alert: self.silence_of(alert) is not None) if tab is Tab.SILENCED else None
        return replace(query, statuses=STATUSES[tab], covered=covered)


def accounts_of(alert: Alert) -> tuple[str, ...]:
    """Return the accounts of an alert, beginning with the one that lists show."""
    return tuple(dict.fromkeys((alert.account, *(each.account for each in alert.accounts))))


def more_accounts_than_known(alert: Alert) -> bool:
    """Return whether an alert may be in more accounts than its item holds."""
    return len(alert.accounts) >= MOST_JOINED


def receivers_of(alert: Alert) -> tuple[str, ...]:
    """Return who was notified of the newest episode."""
    last = alert.announcement
    return last.receivers if last is not None and last.episodes == alert.episodes else ()


def _offset(cursor: Cursor | None) -> int:
    position = cursor.position if cursor else ""
    return min(int(position), MOST_SORTED) if position.isdecimal() else 0
