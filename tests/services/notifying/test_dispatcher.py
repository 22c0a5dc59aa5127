"""Deliver: one sender at a time, few messages, nothing forgotten."""

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.services.notifying.dispatcher import OVERDUE, OVERDUE_LINE
from chalicelib.services.notifying.drain import DIGEST_INTERVAL, DIGEST_SIZE, FAILURE_LINE, LEASE
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry
from tests.fakes import NOW
from tests.services.world import World, finding

BURST, PACE = ANYHOW.burst, ANYHOW.pace
AWAY = Retry(30, "HTTP 429")


@pytest.fixture
def world() -> World:
    return World()


def pile_up(world: World, count: int) -> None:
    """Let `count` problems arrive while somebody else holds the lease."""
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    assert lease is not None
    for number in range(count):
        world.ingest(finding(number, severity=5.0 + number % 4))
    world.store.release(lease, NOW)


def test_only_the_holder_of_the_lease_sends(world: World) -> None:
    world.store.acquire("monitoring", NOW, NOW + LEASE)

    world.ingest(finding())

    assert world.sent() == []
    assert world.statuses() == {Delivery.PENDING}


def test_a_lease_whose_holder_died_lapses(world: World) -> None:
    world.store.acquire("monitoring", NOW, NOW + LEASE)
    world.ingest(finding())
    world.clock.sleep(LEASE)

    assert world.dispatcher.drain("monitoring") == 1


def test_a_few_are_sent_one_by_one_the_worst_first_keeping_the_pace(world: World) -> None:
    pile_up(world, BURST)

    world.dispatcher.drain("monitoring")

    assert [message["text"] for message in world.sent()] == ["announcement"] * BURST
    severities = [world.store.notifications[each].severity for each in world.announced()]
    assert severities == sorted(severities, reverse=True)
    assert world.clock.slept == [PACE] * (BURST - 1)


def test_a_storm_becomes_one_digest_that_accounts_for_all(world: World) -> None:
    pile_up(world, 40)

    world.dispatcher.drain("monitoring")

    assert [message["text"] for message in world.sent()] == ["digest"]
    assert sorted(world.announced()) == sorted(world.store.notifications)
    assert world.statuses() == {Delivery.DELIVERED}


def test_the_next_message_after_a_digest_waits_for_the_interval(world: World) -> None:
    pile_up(world, 40)
    world.dispatcher.drain("monitoring")

    world.ingest(finding(99))
    assert len(world.sent()) == 1
    world.clock.sleep(DIGEST_INTERVAL)
    world.dispatcher.drain("monitoring")

    assert len(world.sent()) == 2


def test_what_arrives_during_a_turn_is_sent_in_that_turn(world: World) -> None:
    pile_up(world, 1)
    notify = world.slack.notify

    def notify_while_another_arrives(message: Message) -> Delivered | Retry | Rejected:
        world.slack.notify = notify  # type: ignore[method-assign]  # once is enough
        world.ingest(finding(7))
        return notify(message)

    world.slack.notify = notify_while_another_arrives  # type: ignore[method-assign]  # the other function's moment

    assert world.dispatcher.drain("monitoring") == 2


def test_nobody_waits_after_a_message_and_whoever_sends_the_next_does_before_it(world: World) -> None:
    world.ingest(finding(1))
    assert world.clock.slept == []

    world.ingest(finding(2))
    assert world.clock.slept == [PACE + 1]
    assert len(world.sent()) == 2


def test_a_sweep_takes_no_lease_where_nothing_is_pending(world: World) -> None:
    world.dispatcher.catch_up(["monitoring"])

    assert world.store.leases == {}


def test_an_unavailable_receiver_is_left_alone_for_as_long_as_it_says(world: World) -> None:
    world.slack.fail("monitoring", AWAY)
    world.ingest(finding())

    world.clock.sleep(27)
    assert world.dispatcher.drain("monitoring") == 0
    world.clock.sleep(3)

    assert world.dispatcher.drain("monitoring") == 1
    (notification,) = world.store.notifications.values()
    assert (notification.attempts, notification.error) == (2, "")


def test_an_hour_without_slack_ends_in_one_digest(world: World) -> None:
    world.slack.break_down("monitoring", AWAY)
    for number in range(60):
        world.ingest(finding(number))
        world.next_minute()
    world.slack.break_down("monitoring", None)

    world.next_minute()

    assert len(world.sent()) == 1
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_refusal_for_good_fails_what_is_pending_and_says_so(world: World, caplog: pytest.LogCaptureFixture) -> None:
    pile_up(world, 3)
    world.slack.break_down("monitoring", Rejected("HTTP 404", receiver_gone=True))

    for _ in range(3):
        world.next_minute()

    assert world.statuses() == {Delivery.FAILED}
    assert {each.error for each in world.store.notifications.values()} == {"HTTP 404"}
    assert FAILURE_LINE in caplog.messages


def test_a_rejected_message_has_failed_and_the_next_is_sent(world: World) -> None:
    pile_up(world, 2)
    world.slack.fail("monitoring", Rejected("no_text"))

    world.dispatcher.drain("monitoring")

    failed, delivered = sorted(world.store.notifications.values(), key=lambda each: each.status, reverse=True)
    assert (failed.status, failed.error) == (Delivery.FAILED, "no_text")
    assert (delivered.status, delivered.error) == (Delivery.DELIVERED, "")


def test_a_rejected_digest_is_sent_one_by_one(world: World) -> None:
    pile_up(world, BURST + 2)
    world.slack.fail("monitoring", Rejected("invalid_blocks"))

    world.dispatcher.drain("monitoring")
    world.next_minute()

    assert sorted(world.announced()) == sorted(world.store.notifications)
    assert "announcement" in {message["text"] for message in world.sent()}


def test_an_event_that_is_no_longer_kept_is_still_announced(world: World) -> None:
    pile_up(world, 1)
    world.store.records.clear()

    world.next_minute()

    assert [message["known"] for message in world.sent()] == [False]


def test_what_is_pending_for_too_long_is_an_error_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.slack.fail("monitoring", AWAY)
    world.ingest(finding())
    world.clock.sleep(OVERDUE + 1)
    world.slack.fail("monitoring", AWAY)

    world.dispatcher.catch_up(["monitoring"])

    (line,) = (record for record in caplog.records if record.message == OVERDUE_LINE)
    assert (line.levelname, line.__dict__["receiver"], line.__dict__["seconds"]) == ("ERROR", "monitoring", OVERDUE + 1)


@pytest.mark.parametrize("receiver", ["monitoring", "report"])
def test_what_waits_its_turn_or_is_not_pending_is_no_error(
    world: World, caplog: pytest.LogCaptureFixture, receiver: str
) -> None:
    world.slack.fail("monitoring", AWAY)
    world.ingest(finding())
    world.clock.sleep(OVERDUE)
    world.slack.fail("monitoring", AWAY)

    world.dispatcher.catch_up([receiver])

    assert OVERDUE_LINE not in caplog.messages


@pytest.mark.parametrize(("group_by", "messages"), [((), ["announcement"] * 3), (("account",), ["digest"])])
def test_what_is_pending_at_once_in_one_group_is_announced_together(
    group_by: tuple[str, ...], messages: list[str]
) -> None:
    world = World(policy=Policy((Route(name="all", receivers=("monitoring",), group_by=group_by),)))
    pile_up(world, 3)

    world.dispatcher.drain("monitoring")

    assert [message["text"] for message in world.sent()] == messages
    assert sorted(world.announced()) == sorted(world.store.notifications)


def test_groups_are_reported_one_after_the_other_the_worst_first(world: World) -> None:
    world.policy = Policy((Route(name="all", receivers=("monitoring",), group_by=("severity",)),))
    pile_up(world, BURST)

    world.dispatcher.drain("monitoring")

    assert [len(message["ids"]) for message in world.sent()] == [2, 3]


def test_a_receiver_that_combines_nothing_gets_each_alone_in_order_at_its_own_pace(world: World) -> None:
    world.slack.handled["monitoring"] = Handling(combines=False, pace=0.5, burst=12)
    world.policy = Policy((Route(name="all", receivers=("monitoring",), group_by=("account",)),))
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    assert lease is not None
    for number in range(8):
        world.ingest(finding(number))
    world.ingest(finding(3, severity=9.5, at=NOW - 3))
    world.ingest(finding(3, at=NOW - 2, archived=True))
    world.store.release(lease, NOW)

    world.dispatcher.drain("monitoring")

    assert [message["text"] for message in world.sent()] == ["announcement"] * 10
    about_3 = [each for each in map(world.store.notifications.__getitem__, world.announced()) if "3" in each.title]
    assert [each.reason for each in about_3] == [Reason.FIRST, Reason.WORSENED, Reason.RESOLVED]
    assert world.clock.slept == [0.5] * 9


def test_a_turn_ends_long_before_its_lease(world: World) -> None:
    world.slack.handled["monitoring"] = Handling(combines=False, pace=15, burst=100)
    pile_up(world, 8)

    world.dispatcher.drain("monitoring")

    assert len(world.sent()) == 2


def test_what_a_message_does_not_account_for_stays_pending(world: World) -> None:
    pile_up(world, 8)
    ids = sorted(world.store.notifications)
    world.slack.results["monitoring"] = Delivered(left=frozenset(ids[:3]))

    assert world.dispatcher.drain("monitoring") == 5
    pending = [each.id for each in world.store.notifications.values() if each.status is Delivery.PENDING]
    assert sorted(pending) == ids[:3]


def test_all_about_a_problem_is_sent_at_once_where_the_receiver_wants_that(world: World) -> None:
    world.slack.handled["monitoring"] = Handling(by_problem=True)
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    assert lease is not None
    world.ingest(finding(1))
    world.ingest(finding(2))
    world.ingest(finding(1, severity=9.5, at=NOW - 3))
    world.store.release(lease, NOW)
    world.dispatcher.drain("monitoring")

    assert [len(message["ids"]) for message in world.sent()] == [2, 1]


def test_a_critical_problem_behind_thousands_is_in_the_first_message(world: World) -> None:
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    assert lease is not None
    for number in range(DIGEST_SIZE + 50):
        world.ingest(finding(number, severity=5.0))
    world.clock.sleep(1)
    world.ingest(finding(9_999, severity=9.5))
    world.store.release(lease, NOW)

    world.dispatcher.drain("monitoring")

    (critical,) = (each.id for each in world.store.notifications.values() if each.severity is Severity.CRITICAL)
    assert critical in world.sent()[0]["ids"]


def test_whoever_has_the_most_urgent_pending_is_sent_to_first() -> None:
    matcher = Matcher(Field.SEVERITY, ("CRITICAL",))
    routes = (
        Route(name="worst", receivers=("report",), matchers=(matcher,)),
        Route(name="all", receivers=("monitoring",)),
    )
    world = World(policy=Policy(routes))
    world.receive(finding(1, severity=5.0), announce=False)
    world.receive(finding(2, severity=9.5), announce=False)

    world.dispatcher.catch_up(["monitoring", "deployment", "report"])

    assert [receiver for receiver, _ in world.slack.posts] == ["report", "monitoring"]
