"""The end of a day: it is reconciled and reported, on Mondays its week too, and what open alerts show is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.timestamps import DAY, WEEK, week_of
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
    """Does what is due at midnight, UTC; whatever goes wrong with one part keeps the others from nothing.

    What reconciliation reads of the day's events goes into the report as well; where it fails, the report reads alone.
    """

    reconciliation: Reconciliation
    reports: DailyReports
    weekly_reports: Callable[[], WeeklyReports]
    retention: Retention
    clock: Clock

    def __call__(self, raw: Any) -> None:
        """Reconcile and report the day, and the week, that ended before a schedule's event."""
        envelope = self._read(raw)
        reading = DayReading(_midnight(envelope.time) - DAY)
        reports: list[DueTask] = [partial(self.reports.send, reading=reading), *self._weekly(envelope.time)]
        self._run(envelope, reading, reports, announce=True)

    def catch_up(self, raw: Any) -> None:
        """Do the same for a schedule's event that waited, however late; the next sweep sends what comes of it."""
        envelope = self._read(raw)
        at = envelope.time
        reading = DayReading(_midnight(at) - DAY)
        report = partial(self.reports.enqueue_due, at, reading)
        self._run(envelope, reading, [report, *self._weekly(at, announce=False)], announce=False)

    def _weekly(self, at: int, *, announce: bool = True) -> Sequence[DueTask]:
        """Return what reports the week that ended before a time, if that is on a Monday."""
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
        run_all(FAILED, (reconcile, *reports, self.retention))


def _midnight(time: int) -> int:
    return time - time % DAY
