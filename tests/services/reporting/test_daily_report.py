"""The daily report: a whole UTC day, owed once, whatever the day was like."""

from collections.abc import Callable

import pytest

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason
from chalicelib.domain.reports.daily import Report, Row
from chalicelib.domain.routing.routes import HOUR
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.services.notifying.ports import Rejected
from chalicelib.services.reporting.daily_report import DailyReports
from tests.fake_lists import FakeAlerts, FakeSilences
from tests.fakes import NOW
from tests.services.world import World, alarm, envelope, finding

MIDNIGHT = NOW - NOW % DAY
YESTERDAY = MIDNIGHT - DAY


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def silences(world: World) -> FakeSilences:
    return FakeSilences(world.clock)


@pytest.fixture
def reports(world: World, silences: FakeSilences) -> DailyReports:
    store = world.store
    receivers = ("monitoring", "deployment", "report")
    return DailyReports(
        store,
        store,
        world.agents,
        world.dispatcher,
        world.clock,
        lambda: receivers,
        world.canaries,
        FakeAlerts(store),
        lambda: silences.unexpired(world.clock.now()),
    )


def test_the_slowest_canary_of_the_regions_is_said_first(world: World, reports: DailyReports) -> None:
    for region, age in (("eu-west-1", 20), ("eu-north-1", 90)):
        detail = {"stage": "prod", "sent_at": world.clock.now() - age}
        world.receive(envelope("monitoring.agent.canary", "Canary", region=region, detail=detail))
    world.sweep()

    assert [each.region for each in report_of(reports.send()).canaries] == ["eu-north-1", "eu-west-1"]


@pytest.fixture
def happened(world: World) -> Callable[..., None]:
    """Return what lets one event of an account happen at a time."""

    def happen(at: int, account: str = "111122223333") -> None:
        world.ingest(envelope(account=account, time=iso(at), id=f"{account}-{at}"))

    return happen


def report_of(notification: Notification) -> Report:
    return Report.from_json(notification.body)


def test_the_previous_utc_day_is_reported_to_its_last_second(
    reports: DailyReports, happened: Callable[..., None]
) -> None:
    for at in (YESTERDAY - 1, YESTERDAY, MIDNIGHT - 1, MIDNIGHT):
        happened(at)
    report = report_of(reports.send())
    assert report.day == YESTERDAY
    assert report.events == Row("", 2, 1)


def test_all_events_are_counted_however_many(reports: DailyReports, happened: Callable[..., None]) -> None:
    for number in range(250):
        happened(YESTERDAY + number, account=f"{number % 120:012d}")
    report = report_of(reports.send())
    assert report.events.count == 250
    assert sum(row.count for row in report.accounts.rows) + report.accounts.count == 250


def test_a_quiet_day_has_a_report(reports: DailyReports) -> None:
    assert report_of(reports.send()).events == Row("", 0, 0)


def test_outcomes_add_up_whatever_became_of_the_day_and_reminders_are_no_events(
    world: World, reports: DailyReports
) -> None:
    world.clock.time = YESTERDAY + 60
    world.slack.fail("monitoring", Rejected("HTTP 404", receiver_gone=True))
    for at in (YESTERDAY + 1, YESTERDAY + 2):
        world.ingest(alarm(at=at))
    world.store.conflicts = 3
    world.ingest(alarm("stored alone", at=YESTERDAY + 3))
    world.ingest(alarm("another", at=YESTERDAY + 4))
    world.clock.time = YESTERDAY + 8 * HOUR
    world.evaluator()
    world.clock.time = MIDNIGHT + 60
    report = report_of(reports.send())
    pending = [each for each in world.store.notifications.values() if each.reason is Reason.REMINDER]
    assert {each: report.outcomes[each] for each in Delivery} == {
        Delivery.DELIVERED: 1,
        Delivery.FAILED: 1,
        Delivery.PENDING: 1,
        Delivery.SUPPRESSED: 1,
    }
    assert report.events.count == 4
    assert len(pending) == 2
    assert next((each.receiver, each.pending, each.failed) for each in report.backlog) == ("monitoring", 2, 1)


def test_a_day_is_reported_once(world: World, reports: DailyReports) -> None:
    first = reports.send()
    world.clock.sleep(3_600)
    assert reports.send().id == first.id
    assert [message["text"] for message in world.sent("report")] == ["announcement"]


def test_a_day_is_reported_again_when_requested(world: World, reports: DailyReports) -> None:
    reports.send()
    reports.send(again="by hand")
    assert len(world.sent("report")) == 2


def test_any_day_can_be_reported_by_any_of_its_seconds(reports: DailyReports, happened: Callable[..., None]) -> None:
    happened(YESTERDAY - 2 * DAY)
    report = report_of(reports.send(YESTERDAY - 2 * DAY + 5_000))
    assert (report.day, report.events.count) == (YESTERDAY - 2 * DAY, 1)


def test_the_report_is_enqueued_for_the_receiver_of_reports(world: World, reports: DailyReports) -> None:
    notification = reports.send()
    assert (notification.receiver, notification.kind, notification.reason) == ("report", "report", Reason.SCHEDULED)
    assert world.store.notifications[notification.id].status is Delivery.DELIVERED


def test_what_was_not_delivered_is_reported_by_receiver(world: World, reports: DailyReports) -> None:
    world.store.leases["monitoring"] = ("somebody", NOW + DAY, 0)
    world.ingest(finding(at=YESTERDAY + 5))
    (monitoring, *others) = report_of(reports.send()).backlog
    assert (monitoring.receiver, monitoring.pending, monitoring.failed) == ("monitoring", 1, 0)
    assert [(each.pending, each.failed) for each in others] == [(0, 0), (0, 0)]


def test_agents_are_reported_by_their_state(world: World, reports: DailyReports) -> None:
    world.store.agents.save(
        Agent(account="111122223333", region="eu-west-1", status=AgentStatus.ACTIVE, heartbeat_at=NOW - 60)
    )
    world.store.agents.save(
        Agent(account="444455556666", region="eu-west-1", status=AgentStatus.STALE, heartbeat_at=NOW - DAY)
    )
    report = report_of(reports.send())
    assert (report.agents[AgentStatus.ACTIVE], report.agents[AgentStatus.STALE]) == (1, 1)
    assert [each.agent for each in report.silent] == ["444455556666-eu-west-1"]


def test_a_report_that_is_only_enqueued_is_sent_by_the_next_sweep(world: World, reports: DailyReports) -> None:
    pending = reports.enqueue_due(NOW)
    assert world.sent("report") == []

    world.next_minute()

    assert pending.title == reports.send().title
    assert len(world.sent("report")) == 1


def test_what_is_still_open_and_which_silences_end_soon_is_said(
    world: World, reports: DailyReports, silences: FakeSilences
) -> None:
    world.ingest(alarm(at=YESTERDAY + 5))
    silences.save(
        Silence(id="s", matchers=(), starts_at=NOW - 60, ends_at=NOW + 60, author="Ann", reason="moving a warehouse")
    )
    report = report_of(reports.send())

    assert [each.title for each in report.still_open.alerts] == [each.title for each in world.store.alerts.values()]
    assert (report.still_open.count, report.still_open.complete) == (1, True)
    assert [each.reason for each in report.ending.silences] == ["moving a warehouse"]
