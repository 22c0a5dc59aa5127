"""Security Hub: a control's finding ends when it is not found again; any other lasts until somebody says so."""

from typing import Any

import pytest

from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import DAY, HOUR, iso
from tests.fakes import FakeClock
from tests.services.world import World
from tests.sources.samples import RECEIVED_AT, load


@pytest.fixture
def world() -> World:
    return World(clock=FakeClock(RECEIVED_AT))


def finding(at: int, **changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = load("security_hub-new")
    (found,) = raw["detail"]["findings"]
    found |= {"UpdatedAt": iso(at)} | changes
    return raw | {"time": iso(at)}


def status(world: World) -> Status:
    (alert,) = world.store.alerts.values()
    return alert.status


def let_pass(world: World, seconds: int) -> None:
    for _ in range(0, seconds, 6 * HOUR):
        world.clock.sleep(6 * HOUR)
        world.sweep()


def test_a_control_that_fails_no_more_is_over_after_three_days(world: World) -> None:
    for _ in range(3):
        world.receive(finding(world.clock.now()))
        let_pass(world, 18 * HOUR)
    assert status(world) is Status.FIRING

    let_pass(world, 3 * DAY)

    assert status(world) is Status.RESOLVED
    (notification,) = [world.store.notifications[each] for each in world.sent()[-1]["ids"]]
    assert notification.reason is Reason.RESOLVED


def test_what_is_no_controls_finding_goes_on_however_long_nothing_is_heard_of_it(world: World) -> None:
    world.receive(finding(world.clock.now(), Compliance=None))

    let_pass(world, 10 * DAY)

    assert status(world) is Status.FIRING


def test_what_another_product_found_goes_on_though_it_is_not_sent_again(world: World) -> None:
    world.receive(finding(world.clock.now(), ProductName="Config", Compliance={"Status": "FAILED"}))

    let_pass(world, 10 * DAY)

    assert status(world) is Status.FIRING


def test_a_control_of_a_standard_is_known_without_its_id_across_standards(world: World) -> None:
    arn = "arn:aws:securityhub:eu-west-1:444455556666:control/cis-aws-foundations-benchmark/v/1.2.0/1.4"
    fields = {"StandardsControlArn": arn}
    world.receive(finding(world.clock.now(), Compliance={"Status": "FAILED"}, ProductFields=fields))

    let_pass(world, 4 * DAY)

    assert status(world) is Status.RESOLVED
