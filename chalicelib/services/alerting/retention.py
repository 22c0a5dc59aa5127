"""Retention: keeps the event that an open alert shows for as long as the alert is open."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting.open_alerts import pages_of_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.services.alerting.ports import EventRetention
    from chalicelib.services.ports import AlertStore, Clock, EventStore

log = logging.getLogger(__name__)

# Runs daily, and may fail for some days before anything expires.
MARGIN = 14 * DAY
MOST_PAGES = 100


class Retention(Struct, frozen=True):
    """Extends the time for which events are kept, by `keep_for` seconds at a time."""

    alerts: AlertStore
    event_store: EventStore
    retention: EventRetention
    clock: Clock
    keep_for: int

    def __call__(self, going_on: Sequence[Alert] | None = None) -> int:
        """Extend events of open alerts that would expire within two weeks; return how many.

        The alerts that are `going_on` are read unless somebody has just read all of them.
        """
        now = self.clock.now()
        old = now - max(self.keep_for - MARGIN, 0)
        alerts = self._begun_by(old, now) if going_on is None else [each for each in going_on if each.since <= old]
        extended = sum([self._extend(alert, now) for alert in alerts])
        log.info("Events kept for open alerts", extra={"count": extended})
        return extended

    def _begun_by(self, old: int, now: int) -> list[Alert]:
        pages = list(pages_of_open(self.alerts, now, MOST_PAGES, begun_by=old))
        if pages and not pages[-1][1]:
            log.error("Too many open alerts; events of the oldest may expire", extra={"pages": len(pages)})
        return [alert for alerts, _ in pages for alert in alerts]

    def _extend(self, alert: Alert, now: int) -> bool:
        record = self.event_store.find(alert.newest)
        if record is None or record.expired_at >= now + MARGIN:
            return False
        self.retention.extend(record.event, now + self.keep_for)
        return True
