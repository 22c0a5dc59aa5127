"""Deleted alarms: what an alarm said of its time series ends with it."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.errors import Conflict
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.timestamps import HOUR
from tests.fakes import FakeClock
from tests.services.world import World
from tests.sources.samples import RECEIVED_AT, altered

ALARM = "carts-never-written"
DELETED_AT = "2026-03-02T10:05:00Z"


@pytest.fixture
def world() -> World:
    return World(clock=FakeClock(RECEIVED_AT))


def contributor(number: int, alarm: str = ALARM, **envelope: Any) -> dict[str, Any]:
    to = {"id": f"{number:016x}", "attributes": {"TableName": f"carts-{number}"}}
    raw = altered("alarm-contributor", "alarmContributor", to=to)
    raw["detail"]["alarmName"] = alarm
    return {**raw, **envelope}


def state_change(alarm: str) -> Any:
    return altered("alarm-metric-alarm", "alarmName", to=alarm)


def changed(operation: str = "delete", alarm: str = ALARM) -> dict[str, Any]:
    raw = altered("alarm-deleted", "operation", to=operation)
    raw["detail"]["alarmName"] = alarm
    return {**raw, "time": DELETED_AT}


def still_firing(world: World) -> set[str]:
    return {each.title.split()[1] for each in world.store.alerts.values() if each.status is not Status.RESOLVED}


def test_a_deleted_alarm_ends_what_fires_of_each_contributor(world: World) -> None:
    for number in (1, 2):
        world.receive(contributor(number))
    assert still_firing(world) == {"carts-1", "carts-2"}

    world.receive(changed())

    assert not still_firing(world)
    # Two began and two ended, and of each the receiver was notified.
    assert len(world.sent()) == 4


def test_a_hundred_contributors_end_within_the_minute_that_a_function_has(world: World) -> None:
    for number in range(100):
        world.receive(contributor(number))
    world.clock.sleep(2 * HOUR)
    world.sweep()
    began_at = world.clock.now()

    world.receive(changed())

    assert world.clock.now() - began_at < 60
    assert not still_firing(world)
    for _ in range(3):
        world.clock.sleep(60)
        world.sweep()
    assert all(each.status is Delivery.DELIVERED for each in world.store.notifications.values())


def test_what_is_acknowledged_ends_as_well(world: World) -> None:
    world.receive(contributor(1))
    (fingerprint,) = world.store.alerts
    world.alerts.acknowledge(fingerprint, "somebody")

    world.receive(changed())

    assert world.store.alerts[fingerprint].status is Status.RESOLVED


def test_no_other_alarm_ends_nor_the_same_name_elsewhere(world: World) -> None:
    world.receive(contributor(1, alarm=f"{ALARM}-2"))
    world.receive(contributor(2, account="444455556666"))
    world.receive(contributor(3, region="eu-west-2"))

    world.receive(changed())

    assert still_firing(world) == {"carts-1", "carts-2", "carts-3"}


@pytest.mark.parametrize(
    ("deleted", "other"),
    [("carts  never", "carts never"), ("carts password=hunter2xy", "carts password=s3cr3tzz")],
)
def test_names_that_are_shown_alike_are_two_alarms(world: World, deleted: str, other: str) -> None:
    world.receive(contributor(1, alarm=deleted))
    world.receive(contributor(2, alarm=other))
    world.receive(state_change(other))
    assert len({each.resource for each in world.store.alerts.values()}) == 1

    world.receive(changed(alarm=deleted))

    is_over = {each.title: each.status is Status.RESOLVED for each in world.store.alerts.values()}
    assert sorted(is_over.values()) == [False, False, True, True]
    assert next(over for title, over in is_over.items() if "carts-1" in title)
    assert not any("hunter2" in each.title for each in world.store.alerts.values())


def test_what_nobody_can_read_of_an_alert_ends_nothing(world: World) -> None:
    world.receive(contributor(1))
    (alert,) = world.store.alerts.values()
    record = world.store.records[alert.newest]
    world.store.records[alert.newest] = replace(record, event=replace(record.event, detail="cut off"))

    world.receive(changed())

    assert still_firing(world) == {"carts-1"}


def test_a_deletion_that_names_no_account_ends_nothing_of_any(world: World) -> None:
    world.receive(contributor(1))

    world.receive({**changed(), "account": ""})

    assert still_firing(world) == {"carts-1"}


@pytest.mark.parametrize("operation", ["update", "create", "tag"])
def test_any_other_change_of_an_alarm_ends_nothing(world: World, operation: str) -> None:
    world.receive(contributor(1))

    world.receive(changed(operation))

    assert still_firing(world) == {"carts-1"}


def test_a_second_delivery_of_the_deletion_changes_nothing(world: World) -> None:
    for raw in (contributor(1), changed(), changed()):
        world.receive(raw)

    assert len(world.store.records) == 3
    assert len(world.sent()) == 2


def test_a_deletion_that_failed_half_way_ends_the_rest_when_it_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        world.receive(contributor(number))
    whole, calls = world.store.record, []

    def once_busy(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise Conflict("busy")
        return whole(*args)

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "record", once_busy)
        with pytest.raises(Conflict):
            world.receive(changed())
    assert len(still_firing(world)) == 1

    world.receive(changed())

    assert not still_firing(world)


def test_an_alarm_that_is_made_again_fires_again(world: World) -> None:
    for raw in (contributor(1), changed()):
        world.receive(raw)
    again = contributor(1)
    again["detail"]["state"]["timestamp"] = "2026-03-02T10:20:00.000+0000"

    world.receive(again)

    assert still_firing(world) == {"carts-1"}
