"""The weekly report: the week that has ended, on Mondays, owed once, with what people did about its alerts."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Delivery, Notification
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import NotificationQuery
from chalicelib.domain.reports.weekly import WeekReport
from chalicelib.domain.timestamps import DAY, WEEK, week_of
from chalicelib.services.reporting import weekly_report
from chalicelib.services.reporting.weekly_report import WeeklyReports
from tests.fake_lists import FakeAlerts, FakeNotifications
from tests.fakes import NOW
from tests.feedback_fakes import FakeFeedbackStore, said
from tests.services.world import World, alarm

MONDAY = week_of(NOW)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def feedback() -> FakeFeedbackStore:
    return FakeFeedbackStore()


@pytest.fixture
def reports(world: World, feedback: FakeFeedbackStore) -> WeeklyReports:
    store = world.store
    return WeeklyReports(
        notifications=FakeNotifications(store),
        alerts=FakeAlerts(store),
        feedback=feedback,
        outbox=store,
        dispatcher=world.dispatcher,
        clock=world.clock,
        receivers=lambda: ("monitoring", "deployment", "report"),
        team=lambda alert: f"owners of {alert.resource}",
    )


def report_of(notification: Notification) -> WeekReport:
    return WeekReport.from_json(notification.body)


def happen(world: World, at: int, name: str = "queue-depth") -> str:
    """Let an alarm fire, and people be notified; returns the alert's fingerprint."""
    world.clock.time = at
    return world.ingest(alarm(name, at=at)).event.fingerprint


def test_the_week_before_is_reported_to_its_last_second(world: World, reports: WeeklyReports) -> None:
    for number, at in enumerate((MONDAY - WEEK - 1, MONDAY - WEEK, MONDAY - 1, MONDAY)):
        happen(world, at, f"alarm-{number}")
    world.clock.time = NOW
    report = report_of(reports.send())

    assert (report.week, report.messages, report.problems, report.before) == (MONDAY - WEEK, 2, 2, None)


def test_who_took_it_on_whose_it_is_and_what_people_said_stand_in_it(
    world: World, reports: WeeklyReports, feedback: FakeFeedbackStore
) -> None:
    fingerprint = happen(world, MONDAY - DAY)
    world.clock.time = MONDAY - DAY + 300
    world.alerts.acknowledge(fingerprint, "Ann")
    feedback.save(said(fingerprint=fingerprint, at=MONDAY - 9))
    world.clock.time = NOW
    report = report_of(reports.send())

    assert (report.taken.count, report.taken.median) == (1, 300)
    assert [each.not_useful for each in report.noisiest] == [1]
    assert [row.name for row in report.teams.rows] == [
        f"owners of {alert.resource}" for alert in world.store.alerts.values()
    ]


def test_a_week_is_reported_once_and_compared_with_the_one_before(world: World, reports: WeeklyReports) -> None:
    happen(world, MONDAY - WEEK - DAY)
    world.clock.time = NOW
    reports.send(MONDAY - 2 * WEEK)
    first = reports.send()
    again = reports.send(again="by hand")

    assert reports.send().id == first.id
    assert report_of(first).before == 1
    assert len({first.id, again.id}) == 2
    assert len(world.sent("report")) == 3


def test_one_that_is_only_enqueued_is_sent_by_the_next_sweep(world: World, reports: WeeklyReports) -> None:
    reports.enqueue(MONDAY - WEEK)
    assert world.sent("report") == []
    world.next_minute()

    assert len(world.sent("report")) == 1
    assert {each.status for each in world.store.notifications.values()} == {Delivery.DELIVERED}


def test_a_week_with_too_many_messages_is_counted_in_part(
    world: World, reports: WeeklyReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_report, "MOST_NOTIFICATIONS", 150)
    for number in range(151):
        happen(world, MONDAY - DAY, f"alarm-{number}")
    world.clock.time = NOW
    report = report_of(reports.send())

    assert (report.messages, report.approximate) == (150, True)


class CountingNotifications(FakeNotifications):
    """Counts the pages that are read."""

    pages = 0

    def page(self, query: NotificationQuery, receivers: Iterable[str], now: int) -> Page[Notification]:
        """Return a page of the receivers' notifications."""
        self.pages += 1
        return super().page(query, receivers, now)


def test_a_busy_week_is_read_in_few_pages(world: World, reports: WeeklyReports) -> None:
    for number in range(120):
        happen(world, MONDAY - DAY, f"alarm-{number}")
    world.clock.time = NOW
    counting = CountingNotifications(world.store)

    assert report_of(replace(reports, notifications=counting).send()).messages == 120
    assert counting.pages == 1


def test_an_alert_that_is_no_longer_kept_counts_all_the_same(world: World, reports: WeeklyReports) -> None:
    happen(world, MONDAY - DAY)
    world.store.alerts.clear()
    world.clock.time = NOW

    assert [row.name for row in report_of(reports.send()).teams.rows] == [""]
