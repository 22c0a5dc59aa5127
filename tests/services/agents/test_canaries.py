"""Canaries: each hop that is cut is an alert within two intervals, and one that is mended resolves it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.agents.canary import INTERVAL, RECEIVER, CanaryArrival
from chalicelib.domain.queries import NotificationQuery
from chalicelib.domain.timestamps import iso
from tests.services.world import World, envelope

HUB = ("123456789012", "eu-west-1")
REGION = "eu-north-1"


def heartbeat(world: World) -> dict[str, Any]:
    """Return a heartbeat of an agent in the region."""
    detail = {"at": world.clock.now(), "heartbeat_seconds": 300, "stage": "prod"}
    return envelope("monitoring.agent.heartbeat", "Heartbeat", region=REGION, detail=detail)


def canary(world: World, **changes: Any) -> dict[str, Any]:
    """Return a canary of that agent."""
    detail = {"stage": "prod", "sent_at": world.clock.now()} | changes
    return envelope("monitoring.agent.canary", "Canary", region=REGION, detail=detail, time=iso(world.clock.now()))


def live(world: World, minutes: int, *, sends: bool = True, sweeps: bool = True) -> None:
    """Let a hub and an agent live for a while."""
    for _ in range(minutes):
        if sends and world.clock.now() % INTERVAL < 60:
            world.receive(canary(world))
        if world.clock.now() % 300 < 60:
            world.receive(heartbeat(world))
            world.checks.run(*HUB)
        world.clock.sleep(60)
        if sweeps:
            world.sweep()


def alerts(world: World) -> list[tuple[str, str]]:
    """Return the alerts about canaries: their status and region."""
    return [(alert.status, alert.region) for alert in world.store.alerts.values() if alert.kind == "canary"]


@pytest.fixture
def world() -> World:
    world = World()
    live(world, 31)
    assert alerts(world) == []
    return world


def test_a_canary_goes_the_whole_way_to_nobody_and_its_latency_is_known(world: World) -> None:
    assert list(world.canaries.arrivals()) == [REGION]
    assert 0 <= world.canaries.arrivals()[REGION].latency <= 120
    assert world.sent(RECEIVER)
    assert world.store.records == {}


def test_many_agents_of_a_region_send_and_one_canary_goes_through(world: World) -> None:
    before = len(world.sent(RECEIVER))
    for account in range(50):
        world.receive(canary(world) | {"account": f"{account:012}"})
        world.restarted().receive(canary(world) | {"account": f"{account:012}"})
    world.sweep()

    assert len(world.sent(RECEIVER)) <= before + 1


@pytest.mark.parametrize(
    "cut",
    [
        lambda world: live(world, 30, sends=False),
        lambda world: live(world, 30, sweeps=False),
    ],
    ids=["nothing arrives", "nothing is delivered"],
)
def test_a_hop_that_is_cut_is_an_alert_within_two_intervals(world: World, cut: Callable[[World], None]) -> None:
    cut(world)

    assert alerts(world) == [("firing", REGION)]
    assert any("eu-north-1" in str(each) for each in world.sent()) or world.slack.posts
    live(world, 20)
    assert alerts(world) == [("resolved", REGION)]


def test_a_receiver_that_takes_nothing_does_not_stop_canaries(world: World) -> None:
    world.slack.fail("monitoring")
    live(world, 40)

    assert alerts(world) == []


def test_a_region_whose_agents_were_removed_is_not_missed(world: World) -> None:
    for agent in world.agents.all():
        world.agents.remove(agent.account, agent.region)
    world.clock.sleep(4 * INTERVAL)
    world.checks.run(*HUB)

    assert alerts(world) == []


def test_what_is_no_canary_of_this_stage_changes_nothing(world: World) -> None:
    before = world.canaries.arrivals()
    world.receive(canary(world, stage="dev"))
    world.receive(canary(world, sent_at="now"))
    world.sweep()

    assert world.canaries.arrivals() == before
    assert world.store.records == {}


def test_without_agents_nothing_is_missed() -> None:
    world = World()
    world.checks.run(*HUB)
    assert world.canaries.arrivals() == {}
    assert alerts(world) == []


def test_canaries_are_in_no_list_of_notifications_unless_they_are_requested(world: World) -> None:
    assert world.notifications.page(NotificationQuery()).items == ()
    assert world.notifications.page(NotificationQuery(receiver=RECEIVER)).items


def test_the_newest_arrival_of_a_region_counts(world: World) -> None:
    last = world.canaries.arrivals()[REGION]
    live(world, 16)
    assert isinstance(last, CanaryArrival)
    assert world.canaries.arrivals()[REGION].sent_at > last.sent_at
