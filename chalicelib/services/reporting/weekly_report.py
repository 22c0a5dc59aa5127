"""The weekly report: which alerts were noisiest in the week that ended, and how people responded, as one message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import REPORT, WEEKLY_REPORT, Notification
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import NotificationQuery
from chalicelib.domain.reports.weekly import WeekReport, WeekTally
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import WEEK, iso, week_of
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.reporting.scheduled import scheduled

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.services.notifying.ports import FeedbackStore
    from chalicelib.services.ports import AlertStore, Clock, NotificationStore, Outbox

log = logging.getLogger(__name__)

# Some minutes of reading; the report of a week with more is made of these.
MOST_NOTIFICATIONS, MOST_FEEDBACK = 50_000, 10_000
# Each page takes a dozen queries for each receiver.
AT_ONCE = 1_000
# The owner, and who acknowledged, is read for so many of the noisiest alerts.
EXAMINED, ACTIONS = 1_000, 50


class WeeklyReports(Struct, frozen=True):
    """Makes the weekly report; `receivers` are those whose notifications it counts, `team` returns an alert's owner."""

    notifications: NotificationStore
    alerts: AlertStore
    feedback: FeedbackStore
    outbox: Outbox
    dispatcher: Dispatcher
    clock: Clock
    receivers: Callable[[], Sequence[str]]
    team: Callable[[Alert], str]

    def send(self, week: int | None = None, again: str = "") -> Notification:
        """Report the week that contains `week` (epoch seconds; None: the last one), Monday to Sunday, UTC.

        A week is reported once, however often this runs; a new text in `again` has it reported again.
        """
        notification = self.enqueue(week, again)
        self.dispatcher.drain(REPORT)
        return notification

    def enqueue(self, week: int | None, again: str = "") -> Notification:
        """Enqueue the same report for the next sweep to send."""
        now = self.clock.now()
        start = week_of(now) - WEEK if week is None else week_of(week)
        report = self._write(start, now)
        notification = scheduled(
            id=_id(start, again),
            kind=WEEKLY_REPORT,
            title=f"Weekly report {iso(start)[:10]}",
            created_at=now,
            count=report.messages,
            since=start,
            body=report.to_json(),
        )
        is_new = self.outbox.enqueue(notification)
        log.info("Weekly report enqueued", extra={"week": iso(start)[:10], "is_new": is_new})
        return notification

    def _write(self, start: int, now: int) -> WeekReport:
        tally = WeekTally()
        sent = self._sent(start, now)
        for notification in islice(sent, MOST_NOTIFICATIONS):
            tally.add(notification)
        tally.approximate |= next(sent, None) is not None
        for each in tally.noisiest(EXAMINED):
            marks = self.alerts.actions(each.fingerprint, ACTIONS)
            each.take_on(mark for mark in marks if start <= mark.at < start + WEEK)
            alert = self.alerts.find(each.fingerprint)
            each.team = self.team(alert) if alert else ""
        return tally.report(start, self._before(start), self.feedback.in_week(start, MOST_FEEDBACK))

    def _sent(self, start: int, now: int) -> Iterator[Notification]:
        query = NotificationQuery(start=start, end=start + WEEK - 1, direction=Direction.ASC, limit=AT_ONCE)
        receivers = self.receivers()
        while True:
            page = self.notifications.page(query, receivers, now)
            yield from page.items
            if page.next is None:
                return
            query = replace(query, cursor=page.next)

    def _before(self, start: int) -> int | None:
        found = self.notifications.find(_id(start - WEEK))
        return found.count if found else None


def _id(start: int, again: str = "") -> str:
    return digest("weekly report", str(start), again)
