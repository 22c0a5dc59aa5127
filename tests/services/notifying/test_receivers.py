"""A receiver that the routes file names no more: what it was owed is not forgotten."""

import logging

import pytest

from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.queries import NotificationQuery
from chalicelib.services.notifying.drain import FAILURE_LINE, LEASE
from chalicelib.services.notifying.ports import Retry
from tests.fakes import NOW
from tests.services.world import World, finding

REMAINING = ("deployment", "report")


def owing() -> World:
    """Return a world in which Slack does not listen, and monitoring is owed something."""
    world = World()
    world.next_minute()
    world.slack.break_down("monitoring", Retry(0, "HTTP 503"))
    world.receive(finding())
    assert world.statuses() == {Delivery.PENDING}
    return world


def test_its_notifications_fail_and_say_why() -> None:
    world = owing().restarted(REMAINING)

    world.next_minute()

    (failed,) = world.notifications.page(NotificationQuery(statuses=(Delivery.FAILED,))).items
    assert (failed.receiver, failed.error) == ("monitoring", "The routes file names this receiver no more")
    assert world.statuses() == {Delivery.FAILED}


def test_it_is_reported_by_the_line_that_the_alarm_waits_for(caplog: pytest.LogCaptureFixture) -> None:
    world = owing().restarted(REMAINING)

    with caplog.at_level(logging.ERROR):
        world.next_minute()
        world.next_minute()

    assert [each.message for each in caplog.records].count(FAILURE_LINE) == 1


def test_whoever_comes_back_can_have_it_sent() -> None:
    world = owing().restarted(REMAINING)
    world.next_minute()
    (failed,) = world.notifications.page(NotificationQuery(statuses=(Delivery.FAILED,))).items
    world.slack.break_down("monitoring", None)

    back = world.restarted()
    back.notifications.redeliver(failed.id)
    back.next_minute()

    assert back.announced() == [failed.id]


def test_one_that_is_named_keeps_its_notifications() -> None:
    world = owing()

    world.next_minute()

    assert world.statuses() == {Delivery.PENDING}


def test_whoever_is_still_sending_to_it_is_not_disturbed() -> None:
    world = owing()
    assert world.store.acquire("monitoring", NOW + 61, NOW + 61 + LEASE, patience=2)
    after = world.restarted(REMAINING)

    after.receivers.retire()
    assert after.statuses() == {Delivery.PENDING}
    after.next_minute()
    after.next_minute()

    assert after.statuses() == {Delivery.FAILED}


def test_everybody_is_who_is_named_and_behind_them_who_was() -> None:
    world = owing().restarted(("report", "late"))
    world.receivers.retire()

    assert world.receivers.everybody() == ("report", "late", "deployment", "monitoring")
