"""The end of a day: reconciles and reports it, on Mondays also its week, and extends what open alerts show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.timestamps import DAY, WEEK, midnight_of, week_of
from chalicelib.services.alerting.retention import Retention
from chalicelib.services.operations.reconciliation import Reconciliation
from chalicelib.services.reporting.daily_report import DailyReports, DayReading
from chalicelib.services.tasks import run_all

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.reporting.weekly_report import WeeklyReports

type DueTask = Callable[[], object]

FAILED = "The end of a day failed in part"


class EndOfDay(Struct, frozen=True):
    """Does what is due at midnight UTC; a task that fails does not stop the others.

    The report uses the events that reconciliation reads; if that fails, the report reads them itself.
    """

    reconciliation: Reconciliation
    reports: DailyReports
    weekly_reports: Callable[[], WeeklyReports]
    retention: Retention
    clock: Clock

    def __call__(self, raw: Any) -> None:
        """Reconcile and report the day, and on Mondays the week, that ended before a scheduled event."""
        envelope = self._read(raw)
        reading = DayReading(midnight_of(envelope.time) - DAY)
        reports: list[DueTask] = [partial(self.reports.send, reading=reading), *self._weekly(envelope.time)]
        self._run(envelope, reading, reports, announce=True)

    def catch_up(self, raw: Any) -> None:
        """Do the same for a scheduled event that was delayed, however long; the next sweep sends the results."""
        envelope = self._read(raw)
        at = envelope.time
        reading = DayReading(midnight_of(at) - DAY)
        report = partial(self.reports.enqueue_due, at, reading)
        self._run(envelope, reading, [report, *self._weekly(at, announce=False)], announce=False)

    def _weekly(self, at: int, *, announce: bool = True) -> Sequence[DueTask]:
        """Return the task that reports the week which ended at that time, if it is a Monday."""
        if at - week_of(at) >= DAY:
            return []
        return [partial(self._report_week, at - WEEK, announce=announce)]

    def _report_week(self, week: int, *, announce: bool) -> None:
        reports = self.weekly_reports()
        (reports.send if announce else reports.enqueue)(week)

    def _read(self, raw: Any) -> Envelope:
        return Envelope.parse(raw, self.clock.now())

    def _run(self, envelope: Envelope, reading: DayReading, reports: Sequence[DueTask], *, announce: bool) -> None:
        about = (envelope.account, envelope.region, reading.until)
        reconcile = partial(self.reconciliation.run, *about, announce=announce, reading=reading)
        run_all(FAILED, (reconcile, *reports, lambda: self.retention(reading.going_on)))
