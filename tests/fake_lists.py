"""What of the store is looked at: alerts, notifications and silences in memory, as pages."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Mark, Status
from chalicelib.domain.errors import Conflict
from chalicelib.domain.notifications.notification import Delivery, Notification
from chalicelib.domain.pagination import Cursor, Direction, Page
from chalicelib.domain.queries import AlertQuery, ListQuery, NotificationQuery, SilenceQuery
from chalicelib.domain.routing.silences import FOREVER, Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting.ports import AlertDetails, Mentioned
from chalicelib.services.ports import Clock, RankedAlerts

if TYPE_CHECKING:
    from tests.fakes import FakeStore

KEPT = 90 * DAY


class FakeAlerts:
    """The alerts of a store; the index is never late."""

    def __init__(self, store: "FakeStore") -> None:
        self._store = store

    def find(self, fingerprint: str) -> Alert | None:
        """Return one alert."""
        alert = self._store.alerts.get(fingerprint)
        return alert if alert and _expired_at(alert) > self._store.clock.now() else None

    def page(self, query: AlertQuery, now: int) -> Page[Alert]:
        """Return a page of alerts that ever fired; never short."""
        listed = {
            f"{alert.since:010d}-{alert.fingerprint}": alert
            for alert in list(self._store.alerts.values())
            if alert.episodes and _expired_at(alert) > now and query.matches(alert) and is_in_time(query, alert.since)
        }
        return page_of(listed, query.cursor, query.limit, descending=query.direction is Direction.DESC)

    def actions(self, fingerprint: str, limit: int) -> list[Mark]:
        """Return what was done to an alert, the newest first."""
        now = self._store.clock.now()
        done = [each for each in self._store.actions.get(fingerprint, []) if each.at + KEPT > now]
        return sorted(done, key=lambda each: each.at, reverse=True)[:limit]

    def reminders(self, fingerprint: str, limit: int) -> list[str]:
        """Return the ids of the notifications about an alert that belong to none of its events, the newest first."""
        now = self._store.clock.now()
        found = [
            (each.created_at, each.id)
            for each in self._store.notifications.values()
            if each.fingerprint == fingerprint and not each.event_id and each.created_at + KEPT > now
        ]
        return [notification_id for _, notification_id in sorted(found, reverse=True)[:limit]]

    def count(self, status: Status, most: int) -> int:
        """Count the alerts that stand so, up to `most`."""
        return min(most, sum(each.status is status for each in self._store.alerts.values() if each.episodes))

    def worst(self, query: AlertQuery, now: int) -> RankedAlerts:
        """Return the worst alerts first."""
        found = self.page(replace(query, limit=10**6, cursor=None), now).items
        ranked = sorted(found, key=lambda each: (each.severity, each.since, each.fingerprint), reverse=True)
        return RankedAlerts(tuple(ranked[: query.limit]), complete=True)

    def due(self, now: int, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that need tending by `now`, those that have waited longest."""
        waiting = [alert for alert in list(self._store.alerts.values()) if 0 < alert.due <= now]
        return sorted(waiting, key=lambda alert: (alert.can_wait, alert.due, alert.fingerprint))[:limit]

    def inhibitors(self, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that may hold back others."""
        found = [alert for alert in list(self._store.alerts.values()) if alert.inhibits]
        return sorted(found, key=lambda alert: alert.fingerprint)[:limit]


class FakeAlertDetails:
    """All that a store knows of an alert."""

    def __init__(self, store: "FakeStore") -> None:
        self._store, self._alerts = store, FakeAlerts(store)

    def find(self, fingerprint: str) -> AlertDetails | None:
        """Return an alert with what lies beside it."""
        alert = self._alerts.find(fingerprint)
        if alert is None:
            return None
        return AlertDetails(
            alert=alert,
            actions=tuple(self._alerts.actions(fingerprint, 1_000)),
            reminders=tuple(self._alerts.reminders(fingerprint, 1_000)),
            count=self._store.episode_counts.find(fingerprint),
            hours=self._store.hourly.counts.get(fingerprint, {}),
        )

    def mentioned(
        self, notification_ids: Collection[str], event_ids: Collection[str], kinds: Collection[str], hours: range
    ) -> Mentioned:
        """Return notifications and whole events, and whether there are events of the kinds in the hours."""
        found = filter(None, map(self._store.find, event_ids))
        seen = {(each.event.kind, each.event.published_at // 3_600) for each in self._store.records.values()}
        return Mentioned(
            notifications=tuple(FakeNotifications(self._store).find_all(notification_ids)),
            records={each.event.id: each for each in found},
            has_kinds=any(kind in kinds and hour in hours for kind, hour in seen),
        )


class FakeNotifications:
    """The notifications of a store."""

    def __init__(self, store: "FakeStore") -> None:
        self._store = store

    def find(self, notification_id: str) -> Notification | None:
        """Return one notification."""
        return next(iter(self.find_all([notification_id])), None)

    def find_all(self, notification_ids: Iterable[str]) -> list[Notification]:
        """Return the notifications that are there."""
        found = filter(None, map(self._store.notifications.get, notification_ids))
        return [each for each in found if each.created_at + KEPT > self._store.clock.now()]

    def page(self, query: NotificationQuery, receivers: Iterable[str], now: int) -> Page[Notification]:
        """Return a page of the receivers' notifications; never short."""
        names = {name for name in receivers if query.receiver in ("", name)}
        listed = {
            f"{each.created_at:010d}-{each.id}": each
            for each in list(self._store.notifications.values())
            if each.receiver in names
            and (not query.statuses or each.status in query.statuses)
            and each.status is not Delivery.SUPPRESSED
            and each.created_at + KEPT > now
            and is_in_time(query, each.created_at)
        }
        return page_of(listed, query.cursor, query.limit, descending=query.direction is Direction.DESC)

    def enqueue_again(self, notification: Notification, now: int) -> Notification | None:
        """Make a settled notification pending again, and so its event's outcome."""
        again = replace(notification, status=Delivery.PENDING)
        return again if self._store.change(again, notification.status, now) else None


class FakeSilences:
    """The silences."""

    def __init__(self, clock: Clock) -> None:
        self.items: dict[str, Silence] = {}
        self._clock = clock

    def find(self, silence_id: str) -> Silence | None:
        """Return one silence, whether it has ended or not."""
        silence = self.items.get(silence_id)
        return silence if silence and silence.ends_at + KEPT > self._clock.now() else None

    def save(self, silence: Silence) -> None:
        """Write a silence whose revision is still the one that was read."""
        stored = self.items.get(silence.id)
        if (stored.revision if stored else 0) != silence.revision:
            raise Conflict(f"Silence {silence.id} has changed meanwhile.")
        self.items[silence.id] = replace(silence, revision=silence.revision + 1)

    def unexpired(self, now: int) -> list[Silence]:
        """Return the silences that have not ended."""
        return sorted((each for each in self.items.values() if each.ends_at > now), key=_end)

    def page(self, query: SilenceQuery, now: int) -> Page[Silence]:
        """Return a page of silences by when they end; never short."""
        listed = {
            f"{each.ends_at:010d}-{each.id}": each
            for each in self.items.values()
            if (not query.statuses or each.state(now) in query.statuses)
            and each.ends_at + KEPT > now
            and is_in_time(query, each.ends_at)
        }
        return page_of(listed, query.cursor, query.limit, descending=query.direction is Direction.DESC)


def _end(silence: Silence) -> tuple[int, str]:
    return silence.ends_at, silence.id


def _expired_at(alert: Alert) -> int:
    if alert.status is not Status.RESOLVED:
        return FOREVER
    return max([alert.last_seen, *(each.at for each in (alert.announcement, alert.marked) if each)]) + KEPT


def is_in_time(query: ListQuery, time: int) -> bool:
    """Return whether a time is within a query's."""
    return (query.start is None or time >= query.start) and (query.end is None or time <= query.end)


def page_of[T](items: Mapping[str, T], cursor: Cursor | None, limit: int, *, descending: bool = False) -> Page[T]:
    """Cut a page out of all items by counting from the cursor; "!" and "~" are positions beyond every id."""
    ids = sorted(items, reverse=descending)
    first, last = ("~", "!") if descending else ("!", "~")
    if cursor is None:
        low, high = 0, limit
    elif cursor.forward:
        low = sum(each >= cursor.position if descending else each <= cursor.position for each in ids)
        high = low + limit
    else:
        high = sum(each > cursor.position if descending else each < cursor.position for each in ids)
        low = max(0, high - limit)
    behind, before = ids[high:], ids[:low] if cursor else []
    return Page(
        tuple(items[each] for each in ids[low:high]),
        next=Cursor((ids[high - 1] if high else first), forward=True) if behind else None,
        previous=Cursor((ids[low] if low < len(ids) else last), forward=False) if before else None,
    )
