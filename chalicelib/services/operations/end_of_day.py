"""The end of a day: it is reconciled and reported, on Mondays its week too, and what open alerts show is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.timestamps import DAY, WEEK, week_of
from chalicelib.services.alerting.retention import Retention
from chalicelib.services.notifying.parts import run_all
from chalicelib.services.operations.reconciliation import Reconciliation
from chalicelib.services.reporting.daily_report import DailyReports

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.reporting.weekly_report import WeeklyReports

type DueTask = Callable[[], object]

FAILED = "The end of a day failed in part"


class EndOfDay(Struct, frozen=True):
    """Does what is due at midnight, UTC; whatever goes wrong with one part keeps the others from nothing."""

    reconciliation: Reconciliation
    reports: DailyReports
    weekly_reports: Callable[[], WeeklyReports]
    retention: Retention
    clock: Clock

    def __call__(self, raw: Any) -> None:
        """Reconcile and report the day, and the week, that ended before a schedule's event."""
        envelope = self._read(raw)
        reports: list[DueTask] = [self.reports.send, *self._weekly(envelope.time)]
        self._run(envelope, reports, announce=True)

    def catch_up(self, raw: Any) -> None:
        """Do the same for a schedule's event that waited, however late; the next sweep sends what comes of it."""
        envelope = self._read(raw)
        at = envelope.time
        reports: list[DueTask] = [partial(self.reports.enqueue_due, at), *self._weekly(at, announce=False)]
        self._run(envelope, reports, announce=False)

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

    def _run(self, envelope: Envelope, reports: Sequence[DueTask], *, announce: bool) -> None:
        midnight = envelope.time - envelope.time % DAY
        reconcile = partial(self.reconciliation.run, envelope.account, envelope.region, midnight, announce=announce)
        run_all(FAILED, (reconcile, *reports, self.retention))
