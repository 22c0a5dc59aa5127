"""Alert story: all that a person wants to know of one alert, gathered in as few reads as that takes."""

from msgspec import Struct

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.suspect_deploy import Deploy
from chalicelib.domain.errors import NotFound
from chalicelib.domain.notifications.alert_history import HistoryEntry, history_of
from chalicelib.domain.notifications.notification import Record, notification_id
from chalicelib.domain.queries import EventQuery
from chalicelib.services import ports
from chalicelib.services.alerting.ports import CountedScopes

# What is recounted: as many events as a page can count without making its reader wait.
MOST_EVENTS = 250
MOST_ENTRIES = 100
MOST_REMINDERS = 50


class Story(Struct, frozen=True, kw_only=True):
    """An alert, its newest events (abridged, the newest first), where its newest episode is, and its history.

    `sample` is its newest firing event, whole. `complete` is False where there are older events than those read.
    """

    alert: Alert
    records: tuple[Record, ...]
    where: AffectedScope
    history: tuple[HistoryEntry, ...]
    sample: Record | None
    deploys: tuple[Deploy, ...]
    complete: bool


class AlertStories(Struct, frozen=True):
    """Tells what happened to an alert."""

    alerts: ports.AlertStore
    event_store: ports.EventStore
    notifications: ports.NotificationStore
    affected: CountedScopes
    clock: ports.Clock

    def of(self, fingerprint: str) -> Story:
        """Return an alert's story; NotFound where there is no such alert."""
        alert = self.alerts.find(fingerprint)
        if alert is None:
            raise NotFound("There is no alert of this fingerprint, or it is no longer kept.")
        page = self.event_store.page(EventQuery(fingerprint=fingerprint, limit=MOST_EVENTS), self.clock.now())
        events = [record.event for record in page.items if record.event.published_at >= alert.since]
        is_whole = page.next is None or len(events) < len(page.items)
        where = affected(events) if is_whole else self.affected.whole(fingerprint, alert.since, events)
        return Story(
            alert=alert,
            records=page.items,
            where=where,
            history=self._history(fingerprint, page.items),
            sample=self._sample(alert, page.items),
            deploys=self.affected.deploys_before(alert, where.began),
            complete=page.next is None,
        )

    def _sample(self, alert: Alert, records: tuple[Record, ...]) -> Record | None:
        """Return the event that the alert's title is of, or its newest one, whole."""
        listed = next((each for each in records if each.event.title == alert.title), next(iter(records), None))
        return self.event_store.find(listed.event.id) if listed else None

    def _history(self, fingerprint: str, records: tuple[Record, ...]) -> tuple[HistoryEntry, ...]:
        about_events = (
            notification_id(record.event.id, receiver) for record in records for receiver in record.outcome.deliveries
        )
        ids = [*about_events, *self.alerts.reminders(fingerprint, MOST_REMINDERS)][:MOST_ENTRIES]
        actions = self.alerts.actions(fingerprint, MOST_ENTRIES)
        entries = history_of(records, actions, self.notifications.find_all(ids))
        return tuple(entries[:MOST_ENTRIES])
