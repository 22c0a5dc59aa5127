"""Alert history: collects what happened to an alert from its events, actions and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.alert_history import HistoryEntry, history_of
from chalicelib.domain.notifications.notification import notification_id
from chalicelib.domain.queries import EventQuery

if TYPE_CHECKING:
    from chalicelib.services import ports

MOST_EVENTS = 1_000
MOST_ENTRIES = 200
MOST_NOTIFICATIONS = 200


class History(Struct, frozen=True):
    """The newest entries; `complete` is False where there are older ones."""

    entries: tuple[HistoryEntry, ...]
    complete: bool


class AlertHistory(Struct, frozen=True):
    """Reads the newest thousand events of a problem, its actions and its notifications."""

    alerts: ports.AlertStore
    event_store: ports.EventStore
    notifications: ports.NotificationStore
    clock: ports.Clock

    def of(self, fingerprint: str) -> History:
        """Return what happened to a problem, newest first; empty where there is no such problem."""
        page = self.event_store.page(EventQuery(fingerprint=fingerprint, limit=MOST_EVENTS), self.clock.now())
        about_events = [
            notification_id(record.event.id, receiver)
            for record in page.items
            for receiver in record.outcome.deliveries
        ]
        ids = [*about_events[:MOST_NOTIFICATIONS], *self.alerts.reminders(fingerprint, MOST_NOTIFICATIONS)]
        actions = self.alerts.actions(fingerprint, MOST_ENTRIES)
        entries = history_of(page.items, actions, self.notifications.find_all(ids))
        complete = page.next is None and len(about_events) <= MOST_NOTIFICATIONS and len(entries) <= MOST_ENTRIES
        return History(tuple(entries[:MOST_ENTRIES]), complete)
