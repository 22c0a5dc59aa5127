"""The daily report: what happened the day before, counted from the events themselves, as one message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, convert
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import REPORT, Delivery, Notification
from chalicelib.domain.reports.daily import CanaryLatency, DayTally, ReceiverBacklog, Report, Totals
from chalicelib.domain.reports.open_items import OpenAlerts, ending_silences, open_alerts
from chalicelib.domain.reports.reconciliation import DayReconciliation
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.alerting.open_alerts import pages_of_open
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.reporting.scheduled import scheduled
from chalicelib.sources.registry import RECONCILIATION

if TYPE_CHECKING:
    from chalicelib.services.ports import AlertStore, Clock, EventStore, Outbox, SilenceStore

log = logging.getLogger(__name__)

# Open alerts beyond so many pages of a hundred are not counted.
MOST_PAGES = 20


class DailyReports(Struct, frozen=True):
    """Writes the daily report; `receivers` are those whose pending and failed notifications it counts."""

    event_store: EventStore
    outbox: Outbox
    agents: AgentRegistry
    dispatcher: Dispatcher
    clock: Clock
    receivers: Callable[[], Sequence[str]]
    canaries: Canaries
    alerts: AlertStore
    silences: SilenceStore

    def send(self, day: int | None = None, again: str = "") -> Notification:
        """Report on the UTC day that holds `day` (epoch seconds; None: yesterday).

        A day is reported once, however often this runs; a new word in `again` has it reported again.
        """
        notification = self._enqueue(day, again)
        self.dispatcher.drain(REPORT)
        return notification

    def enqueue_due(self, at: int) -> Notification:
        """Owe the report that was due at a time (epoch seconds), however late that is; the next sweep sends it."""
        return self._enqueue(at - DAY)

    def _enqueue(self, day: int | None, again: str = "") -> Notification:
        now = self.clock.now()
        start = _midnight(now - DAY if day is None else day)
        report = self._write(start, now)
        notification = scheduled(
            id=digest("report", str(start), again),
            kind=REPORT,
            title=f"Daily report {iso(start)[:10]}",
            created_at=now,
            count=report.events.count,
            since=start,
            body=report.to_json(),
        )
        is_new = self.outbox.enqueue(notification)
        log.info("Report enqueued", extra={"day": iso(start)[:10], "is_new": is_new})
        return notification

    def _write(self, start: int, now: int) -> Report:
        tally, before, reconciled = DayTally(), Totals(), ""
        for record in self.event_store.between(start - DAY, start + DAY):
            if record.event.published_at < start:
                before.add(record.event)
                continue
            tally.add(record)
            reconciled = record.event.id if record.event.kind == RECONCILIATION.module else reconciled
        report = tally.report(start, before, self.agents.all(), self._pending(), now)
        canaries = (CanaryLatency(region, each.latency) for region, each in self.canaries.arrivals().items())
        return replace(
            report,
            canaries=tuple(sorted(canaries, key=lambda each: (-each.seconds, each.region))),
            still_open=self._still_open(now),
            ending=ending_silences(self.silences.unexpired(now), now),
            reconciliation=self._reconciliation(reconciled),
        )

    def _still_open(self, now: int) -> OpenAlerts:
        pages = list(pages_of_open(self.alerts, now, MOST_PAGES))
        alerts = [alert for page, _ in pages for alert in page]
        return open_alerts(alerts, complete=not pages or pages[-1][1])

    def _reconciliation(self, event_id: str) -> DayReconciliation | None:
        record = self.event_store.find(event_id) if event_id else None
        return convert(record.event.detail, DayReconciliation) if record else None

    def _pending(self) -> list[ReceiverBacklog]:
        everybody = self.receivers()
        pending, failed = [self.outbox.count(status, everybody) for status in (Delivery.PENDING, Delivery.FAILED)]
        return [ReceiverBacklog(name, pending.get(name, 0), failed.get(name, 0)) for name in everybody]


def _midnight(time: int) -> int:
    return time - time % DAY
