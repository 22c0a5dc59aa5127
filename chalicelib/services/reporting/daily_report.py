"""The daily report: what happened the day before, counted from the events, as one message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, convert, field
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import REPORT, Delivery, Notification, Record
from chalicelib.domain.reports.daily import CanaryLatency, DayTally, ReceiverBacklog, Report, Totals
from chalicelib.domain.reports.open_items import OpenAlerts, ending_silences, open_alerts
from chalicelib.domain.reports.reconciliation import DayReconciliation
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY, iso, midnight_of
from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.alerting.open_alerts import pages_of_open
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.reporting.scheduled import scheduled
from chalicelib.sources.registry import RECONCILIATION

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.routing.silences import Silence
    from chalicelib.services.ports import AlertStore, Clock, EventStore, Outbox

log = logging.getLogger(__name__)

# Pages of a hundred open alerts that are counted at most.
MOST_PAGES = 20


class DayReading(Struct):
    """Adds up the events of the UTC day that begins at `start`, and of the day before, in bounded memory.

    `reconciled` is the id of the reconciliation among them; `stored_since` is one that was stored while they were read,
    and `stored` that event where nothing more becomes of it. `going_on` are all alerts that are still open, once read.
    """

    start: int
    before: Totals = field(default_factory=Totals)
    tally: DayTally = field(default_factory=DayTally)
    reconciled: str = ""
    stored_since: str = ""
    stored: Record | None = None
    going_on: Sequence[Alert] | None = None
    is_complete: bool = False

    @property
    def until(self) -> int:
        """Return the end of the day, up to which events are needed."""
        return self.start + DAY

    def add(self, record: Record) -> None:
        """Count one event; events older than both days are ignored."""
        event = record.event
        if event.published_at >= self.start:
            self.tally.add(record)
            self.reconciled = event.id if event.kind == RECONCILIATION.module else self.reconciled
        elif event.published_at >= self.start - DAY:
            self.before.add(event)

    def follow(self, records: Iterator[Record]) -> Iterator[Record]:
        """Pass on the records that another reads, and count them; errors in counting do not reach that reader."""
        for record in records:
            yield record
            try:
                self.add(record)
            except Exception:  # noqa: BLE001 - the report then reads the day itself, and raises the error
                yield from records
                return
        self.is_complete = True


class DailyReports(Struct, frozen=True):
    """Makes the daily report; `receivers` are those whose pending and failed notifications it counts."""

    event_store: EventStore
    outbox: Outbox
    agents: AgentRegistry
    dispatcher: Dispatcher
    clock: Clock
    receivers: Callable[[], Sequence[str]]
    canaries: Canaries
    alerts: AlertStore
    silences: Callable[[], Sequence[Silence]]

    def send(self, day: int | None = None, again: str = "", reading: DayReading | None = None) -> Notification:
        """Report the UTC day that contains `day` (epoch seconds; None: yesterday).

        A day is reported once, however often this runs; a new text in `again` has it reported again. A complete
        `reading` of the day saves reading its events again.
        """
        notification = self._enqueue(day, again, reading)
        self.dispatcher.drain(REPORT)
        return notification

    def enqueue_due(self, at: int, reading: DayReading | None = None) -> Notification:
        """Enqueue the report that was due at a time (epoch seconds), however late; the next sweep sends it."""
        return self._enqueue(at - DAY, reading=reading)

    def _enqueue(self, day: int | None, again: str = "", reading: DayReading | None = None) -> Notification:
        now = self.clock.now()
        start = midnight_of(now - DAY if day is None else day)
        is_usable = reading and reading.is_complete and reading.start == start
        report = self._write(reading if reading and is_usable else self._read(start), now)
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

    def _read(self, start: int) -> DayReading:
        reading = DayReading(start)
        for record in self.event_store.between(start - DAY, reading.until):
            reading.add(record)
        return reading

    def _write(self, reading: DayReading, now: int) -> Report:
        reconciliation = self._reconciliation(reading)
        report = reading.tally.report(reading.start, reading.before, self.agents.all(), self._pending(), now)
        canaries = (CanaryLatency(region, each.latency) for region, each in self.canaries.arrivals().items())
        return replace(
            report,
            canaries=tuple(sorted(canaries, key=lambda each: (-each.seconds, each.region))),
            still_open=self._still_open(reading, now),
            ending=ending_silences(self.silences(), now),
            reconciliation=reconciliation,
        )

    def _still_open(self, reading: DayReading, now: int) -> OpenAlerts:
        pages = list(pages_of_open(self.alerts, now, MOST_PAGES))
        alerts = [alert for page, _ in pages for alert in page]
        is_complete = not pages or pages[-1][1]
        reading.going_on = alerts if is_complete else None
        return open_alerts(alerts, complete=is_complete)

    def _reconciliation(self, reading: DayReading) -> DayReconciliation | None:
        event_id = reading.stored_since or reading.reconciled
        record = reading.stored or (self.event_store.find(event_id) if event_id else None)
        if record and record.event.id != reading.reconciled:
            reading.add(record)
        return convert(record.event.detail, DayReconciliation) if record else None

    def _pending(self) -> list[ReceiverBacklog]:
        everybody = self.receivers()
        pending, failed = [self.outbox.count(status, everybody) for status in (Delivery.PENDING, Delivery.FAILED)]
        return [ReceiverBacklog(name, pending.get(name, 0), failed.get(name, 0)) for name in everybody]
