"""The deletion of a KMS key: what was planned ends when it is cancelled, or a day after it was done."""

import pytest

from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import DAY
from tests.fakes import FakeClock
from tests.services.world import World
from tests.sources.samples import RECEIVED_AT, load

DELETED = "2026-03-09T04:00:00Z"


@pytest.fixture
def world() -> World:
    """Return a hub that has announced the plan to delete a key."""
    world = World(clock=FakeClock(RECEIVED_AT))
    world.receive(load("kms_key_deletion-scheduled"))
    return world


def status(world: World) -> Status:
    (alert,) = world.store.alerts.values()
    return alert.status


def delete(world: World) -> None:
    world.clock.sleep(7 * DAY)
    world.receive(load("kms_key_deletion-deleted") | {"time": DELETED})


def test_a_cancelled_deletion_is_over_at_once(world: World) -> None:
    world.receive(load("kms_key_deletion-cancelled"))

    assert status(world) is Status.RESOLVED


def test_whoever_knew_of_the_plan_hears_that_the_key_is_gone(world: World) -> None:
    delete(world)

    newest = max(world.store.records.values(), key=lambda each: each.event.published_at)
    assert (newest.outcome.reason, len(world.sent())) == (Reason.UPDATE, 2)


def test_a_deleted_key_is_past_after_a_day_and_nobody_hears_of_that(world: World) -> None:
    delete(world)
    world.next_minute()
    assert status(world) is Status.FIRING

    world.clock.sleep(DAY)
    world.sweep()

    assert (status(world), len(world.sent())) == (Status.RESOLVED, 2)
