"""Alert page data: all that the page of an alert shows, gathered in as few reads as possible."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.suspect_deploy import SHORTLY, Deploy, began_at
from chalicelib.domain.errors import NotFound
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.alert_history import HistoryEntry, history_of
from chalicelib.domain.notifications.notification import Record, notification_id
from chalicelib.domain.queries import EventQuery
from chalicelib.services import ports
from chalicelib.services.alerting.ports import AlertDetailStore
from chalicelib.sources.index import DEPLOYS, WIDESPREAD

# So many events can be read and counted without making the page slow.
MOST_EVENTS = 250
MOST_ENTRIES = 100
# With the few other items they fit one batch of a hundred.
MOST_NOTIFICATIONS = 80
MOST_REMINDERS = 50
HOUR = 3_600
# A problem may have begun so many hours before the event that reports it, as log lines may arrive late.
HOURS_BEFORE = 2


class AlertPageData(Struct, frozen=True, kw_only=True):
    """An alert, its newest events, where its newest episode is, and its history.

    `records` are abridged, the newest first. `sample` is the newest firing event, with its detail. `hours` counts how
    often the alert fired, by hour since 1970, in hours that its timeline no longer covers. `complete` is False where
    there are older events than those read.
    """

    alert: Alert
    records: tuple[Record, ...]
    where: AffectedScope
    history: tuple[HistoryEntry, ...]
    sample: Record | None
    deploys: tuple[Deploy, ...]
    hours: Mapping[int, int]
    complete: bool


class AlertPageReader(Struct, frozen=True):
    """Reads what the page of an alert shows."""

    details: AlertDetailStore
    event_store: ports.EventStore
    affected: ports.AffectedScopes
    clock: ports.Clock

    def read(self, fingerprint: str) -> AlertPageData:
        """Return what the page of an alert shows; NotFound where there is no such alert."""
        details = self.details.find(fingerprint)
        if details is None:
            raise NotFound("There is no alert with this fingerprint, or it has expired.")
        alert = details.alert
        page = self.event_store.page(EventQuery(fingerprint=fingerprint, limit=MOST_EVENTS), self.clock.now())
        events = [record.event for record in page.items if record.event.published_at >= alert.since]
        is_whole = page.next is None or len(events) < len(page.items)
        count = details.count if not is_whole and details.count and details.count.since == alert.since else None
        where = affected(events, complete=is_whole)
        began_id = count.began if count else where.began.id if where.began else ""
        sample_id, hours = _sample(alert, page.items), _hours_before(alert, began_id)
        mentioned = self.details.mentioned(
            [*_notified(page.items), *details.reminders[:MOST_REMINDERS]][:MOST_NOTIFICATIONS],
            [*filter(None, {sample_id, began_id})],
            tuple(DEPLOYS),
            hours,
        )
        first = mentioned.records.get(began_id)
        if count:
            where = count.scope(events, first.event if first else None)
        began = first.event if first else where.began
        may_be = mentioned.has_kinds or _begins_before(alert, began, hours)
        history = history_of(page.items, details.actions[:MOST_ENTRIES], mentioned.notifications)
        return AlertPageData(
            alert=alert,
            records=page.items,
            where=where,
            history=tuple(history[:MOST_ENTRIES]),
            sample=mentioned.records.get(sample_id),
            deploys=self.affected.deploys_before(alert, began) if may_be else (),
            hours=details.hours,
            complete=page.next is None,
        )


def _sample(alert: Alert, records: Sequence[Record]) -> str:
    """Return the id of the newest event with the alert's title, or else of its newest event; empty without events."""
    listed = next((each for each in records if each.event.title == alert.title), next(iter(records), None))
    return listed.event.id if listed else ""


def _notified(records: Sequence[Record]) -> Iterator[str]:
    """Iterate over the ids of the notifications about events."""
    return (notification_id(record.event.id, receiver) for record in records for receiver in record.outcome.deliveries)


def _hours_before(alert: Alert, began_id: str) -> range:
    """Return the hours since 1970 to search for deployments before an alert began.

    An event's id starts with its time.
    """
    is_its_event_s = alert.kind in WIDESPREAD and began_id
    hour = (int(began_id.partition("-")[0]) if is_its_event_s else alert.since) // HOUR
    return range(max(0, hour - HOURS_BEFORE), hour + 1)


def _begins_before(alert: Alert, began: Event | None, hours: range) -> bool:
    """Return whether deployments before an alert began may lie before these hours."""
    at = began_at(began) if began and alert.kind in WIDESPREAD else alert.since
    return at - SHORTLY < hours.start * HOUR
