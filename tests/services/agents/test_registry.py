"""Agents: heartbeats, silence, return, deployments."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.queries import AgentQuery
from chalicelib.domain.timestamps import iso
from chalicelib.services.agents import registry
from chalicelib.services.agents.registry import SOONEST
from tests.fakes import NOW
from tests.services.notifying.test_crash import AGENT_STACK, heartbeat, stack_event
from tests.services.world import SETTINGS, World, envelope


class Counted:
    """A gateway of which each call is counted."""

    def __init__(self, gateway: Any, calls: list[str]) -> None:
        self._gateway, self._calls = gateway, calls

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return getattr(self._gateway, name)


@pytest.fixture
def world() -> World:
    return World()


def the_agent(world: World) -> Agent:
    (agent,) = world.store.agents.items.values()
    return agent


def reasons(world: World) -> list[Reason]:
    return [record.outcome.reason for _, record in sorted(world.store.records.items())]


def test_the_first_heartbeat_registers_the_agent_and_is_no_event(world: World) -> None:
    world.receive(heartbeat(NOW))

    agent = the_agent(world)
    assert (agent.id, agent.name, agent.status) == ("111122223333-eu-west-1", "payments", AgentStatus.ACTIVE)
    assert world.store.records == {}


def test_the_region_makes_another_agent(world: World) -> None:
    """Failure 15: agents keyed by account alone."""
    world.receive(heartbeat(NOW))
    world.receive(heartbeat(NOW) | {"region": "us-east-1"})

    assert sorted(world.store.agents.items) == ["111122223333-eu-west-1", "111122223333-us-east-1"]


def test_a_heartbeat_is_taken_at_its_senders_word_only_for_what_is_its_own(world: World) -> None:
    forged = heartbeat(NOW) | {
        "detail": {"at": NOW, "account": "999999999999", "heartbeat_seconds": "soon", "log_group_count": -1}
    }

    world.receive(forged)

    agent = the_agent(world)
    assert (agent.account, agent.heartbeat_seconds, agent.log_group_count) == ("111122223333", 300, 0)


@pytest.mark.parametrize(
    "said", [None, {"throttled": 2}, {"watermark": "x"}, {"since": 0, "watermark": NOW, "gaps": [[[]]]}, "x" * 10**5]
)
def test_a_coverage_that_nobody_can_read_costs_no_heartbeat(world: World, said: Any) -> None:
    world.receive(heartbeat(NOW) | {"detail": {"at": NOW, "coverage": said}})

    assert (the_agent(world).heartbeat_at, the_agent(world).coverage) == (NOW, None)


def test_another_stages_agent_in_the_same_place_does_not_hide_that_ours_is_silent(world: World) -> None:
    ours = {"at": NOW, "heartbeat_seconds": 300, "stage": SETTINGS.stage}
    world.receive(heartbeat(NOW) | {"detail": ours})
    world.receive(heartbeat(NOW + 60) | {"detail": ours | {"at": NOW + 60, "stage": "test"}})

    assert the_agent(world).heartbeat_at == NOW


def test_a_heartbeat_from_the_future_counts_as_now(world: World) -> None:
    world.receive(heartbeat(NOW + 10**6))

    assert the_agent(world).heartbeat_at == NOW


@pytest.mark.parametrize(("promised", "kept"), [(86_400, 86_400), (86_401, 300), (10**12, 300)])
def test_no_agent_may_promise_to_report_less_than_daily(world: World, promised: int, kept: int) -> None:
    world.receive(heartbeat(NOW) | {"detail": {"at": NOW, "heartbeat_seconds": promised}})

    assert the_agent(world).heartbeat_seconds == kept


def test_a_heartbeat_nobody_can_read_is_announced_like_any_unknown_event(world: World) -> None:
    world.receive(envelope("monitoring.agent.heartbeat", "Heartbeat", detail="?"))

    assert reasons(world) == [Reason.FIRST]


def test_a_flood_of_heartbeats_of_an_agent_costs_neither_reads_nor_writes() -> None:
    calls: list[str] = []

    def count(gateway: Any) -> Any:
        return Counted(gateway, calls)

    world = World(distance=count)
    world.receive(heartbeat(NOW))
    first = len(calls)
    for at in (*range(NOW - 100, NOW + 100), *range(1, 100)):
        world.receive(heartbeat(at))

    assert (first, len(calls)) == (2, first)
    world.clock.sleep(SOONEST)
    world.receive(heartbeat(world.clock.now()))
    assert the_agent(world).heartbeat_at == NOW + SOONEST


def test_of_how_many_agents_an_instance_remembers_the_last_heartbeat_is_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MOST_REMEMBERED", 3)
    for account in range(10):
        world.receive(heartbeat(NOW) | {"account": f"{account:012}"})

    assert len(world.agents.heard) <= 3
    assert len(world.store.agents.items) == 10


def test_a_late_heartbeat_changes_nothing(world: World) -> None:
    world.receive(heartbeat(NOW))
    before = the_agent(world)

    world.receive(heartbeat(NOW - 60))

    assert the_agent(world) == before


def test_three_missed_heartbeats_are_an_alert_once(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.clock.sleep(900)
    assert world.agents.check() == []
    world.clock.sleep(1)

    world.agents.check()
    world.agents.check()
    world.next_minute()

    assert the_agent(world).status is AgentStatus.STALE
    assert reasons(world) == [Reason.FIRST]
    assert len(world.sent()) == 1


def test_the_return_resolves_the_alert_and_the_next_silence_is_a_regression(world: World) -> None:
    for _ in range(2):
        world.receive(heartbeat(world.clock.now()))
        world.clock.sleep(901)
        world.agents.check()

    assert reasons(world) == [Reason.FIRST, Reason.RESOLVED, Reason.REGRESSION]


def scanned(world: World, watermark: int, interval: int = 300) -> None:
    """Have the agent report now, its scan being so far."""
    now = world.clock.now()
    coverage = {"since": NOW - 86_400, "watermark": watermark, "gaps": []}
    world.receive(heartbeat(now) | {"detail": {"at": now, "heartbeat_seconds": interval, "coverage": coverage}})


def test_a_scan_that_does_not_keep_up_is_an_alert_once_until_it_does(world: World) -> None:
    for lag in (3_600, 3_601, 3_900, 7_200):
        scanned(world, world.clock.now() - lag)
        world.agents.check()
        world.agents.check()
        world.clock.sleep(300)
    assert reasons(world) == [Reason.FIRST]

    scanned(world, world.clock.now() - 600)
    world.agents.check()
    world.agents.check()

    assert reasons(world) == [Reason.FIRST, Reason.RESOLVED]
    assert the_agent(world).behind == 0


def test_a_scan_that_runs_seldom_is_behind_by_its_interval_and_no_alert(world: World) -> None:
    scanned(world, NOW - 3 * 7_200, interval=7_200)
    world.agents.check()
    assert reasons(world) == []


def test_an_agent_that_is_silent_is_not_reported_to_be_behind_as_well(world: World) -> None:
    scanned(world, NOW - 600)
    world.clock.sleep(7_200)
    world.agents.check()
    assert [record.event.title[:12] for record in world.store.records.values()] == ["Agent silent"]


def test_nobody_waits_for_the_scan_of_an_agent_that_is_removed(world: World) -> None:
    scanned(world, NOW - 7_200)
    world.agents.check()
    world.clock.sleep(60)
    detail = {"stack-id": AGENT_STACK, "status-details": {"status": "DELETE_IN_PROGRESS"}}
    world.deployments.update(stack_event() | {"time": iso(NOW + 60), "detail": detail})
    world.clock.sleep(7_200)
    world.agents.check()
    assert Reason.RESOLVED in reasons(world)
    assert the_agent(world).behind == 0


def test_a_crash_between_saving_and_announcing_that_a_scan_is_behind_loses_nothing(world: World) -> None:
    scanned(world, NOW - 7_200)
    agent = the_agent(world)
    world.store.agents.save(replace(agent, behind=NOW - 7_200))
    world.agents.check()
    assert reasons(world) == [Reason.FIRST]


def test_many_that_fall_silent_at_once_are_one_message_and_keep_nobody_waiting(world: World) -> None:
    for number in range(300):
        world.receive(heartbeat(NOW) | {"account": f"{number:012d}"})
    world.clock.sleep(901)
    began = world.clock.now()

    assert len(world.agents.check()) == 300
    assert world.clock.now() == began
    world.next_minute()

    assert len(world.sent()) == 1
    assert len(world.announced()) == 300


def test_a_heartbeat_during_the_check_wins(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.clock.sleep(901)
    save = world.store.agents.save

    def save_after_a_heartbeat(agent: Agent) -> None:
        world.store.agents.save = save  # type: ignore[method-assign]  # once is enough
        world.receive(heartbeat(world.clock.now()))
        save(agent)

    world.store.agents.save = save_after_a_heartbeat  # type: ignore[method-assign]  # the other function's moment

    assert world.agents.check() == []
    assert the_agent(world).status is AgentStatus.ACTIVE
    assert reasons(world) == []


def test_too_many_writers_are_an_error_that_lambda_tries_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(_: Agent) -> None:
        raise Conflict("changed meanwhile")

    monkeypatch.setattr(world.store.agents, "save", lose)

    with pytest.raises(Conflict, match="updated concurrently"):
        world.receive(heartbeat(NOW))
    with pytest.raises(Conflict, match="updated concurrently"):
        world.deployments.update(stack_event())


def test_a_deployment_registers_the_agent_and_is_announced_to_its_receiver(world: World) -> None:
    world.deployments.update(stack_event())

    assert (the_agent(world).deployment, the_agent(world).status) == ("CREATE_COMPLETE", AgentStatus.EXPECTED)
    assert len(world.sent("deployment")) == 1
    assert world.sent("monitoring") == []


def test_both_handlers_may_see_a_deployment_and_it_is_announced_once(world: World) -> None:
    world.receive(stack_event())
    world.deployments.update(stack_event())

    assert len(world.sent("deployment")) == len(world.store.records) == 1


def test_an_older_deployment_never_overwrites_a_newer_one(world: World) -> None:
    """Failure 15: an older event overwrote a newer status."""
    world.deployments.update(stack_event())
    older = stack_event() | {"time": iso(NOW - 500), "detail": _detail("CREATE_IN_PROGRESS")}

    world.deployments.update(older)

    assert the_agent(world).deployment == "CREATE_COMPLETE"


def test_the_stack_of_anybody_else_is_no_agent(world: World) -> None:
    world.deployments.update(stack_event() | {"detail": _detail("CREATE_COMPLETE", "stack/checkout/1")})

    assert world.store.agents.items == {}
    assert world.statuses() == {Delivery.SUPPRESSED}


@pytest.mark.parametrize("last", ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"])
def test_a_removed_agent_is_not_missed_and_a_late_heartbeat_does_not_revive_it(world: World, last: str) -> None:
    """An agent's own rule is gone before its stack is: nobody forwards that the deletion is complete."""
    world.receive(heartbeat(NOW - 60))
    world.deployments.update(stack_event() | {"detail": _detail(last)})
    world.receive(heartbeat(NOW))
    world.clock.sleep(10_000)

    assert world.agents.check() == []
    assert the_agent(world).status is AgentStatus.REMOVED
    assert world.sent("monitoring") == []


def test_nobody_waits_for_a_silent_agent_that_is_removed(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.clock.sleep(901)
    world.agents.check()

    world.deployments.update(stack_event() | {"time": iso(NOW + 950), "detail": _detail("DELETE_IN_PROGRESS")})

    assert Reason.RESOLVED in reasons(world)
    assert world.agents.check() == []


def test_an_agent_whose_deletion_failed_is_missed_again(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.deployments.update(stack_event() | {"time": iso(NOW + 1), "detail": _detail("DELETE_IN_PROGRESS")})
    world.deployments.update(stack_event() | {"time": iso(NOW + 60), "detail": _detail("DELETE_FAILED")})
    world.clock.sleep(901)

    world.agents.check()

    assert the_agent(world).status is AgentStatus.STALE


def test_an_agent_that_only_forwards_is_listed_and_never_missed(world: World) -> None:
    world.deployments.update(stack_event())
    world.clock.sleep(10**6)

    assert world.agents.check() == []
    assert [each.status for each in world.agents.all()] == [AgentStatus.EXPECTED]


def test_the_register_can_be_kept_by_hand(world: World) -> None:
    world.agents.create("111122223333", "eu-west-1", "payments")
    with pytest.raises(Conflict):
        world.agents.create("111122223333", "eu-west-1", "again")
    assert world.agents.rename("111122223333", "eu-west-1", "pay").name == "pay"
    world.receive(heartbeat(NOW))
    assert the_agent(world).name == "pay"

    world.agents.remove("111122223333", "eu-west-1")

    with pytest.raises(NotFound):
        world.agents.get("111122223333", "eu-west-1")


def test_agents_past_the_first_hundred_are_checked_too(world: World) -> None:
    """Failure 14: agents past 100 could not be listed."""
    for number in range(250):
        world.agents.create(f"{number:012d}", "eu-west-1", "")

    assert len(list(world.agents.all())) == 250
    assert len(world.agents.page(AgentQuery(limit=100)).items) == 100


def _detail(status: str, path: str = "") -> dict[str, object]:
    stack_id = f"arn:aws:cloudformation:eu-west-1:111122223333:{path}" if path else AGENT_STACK
    return {"stack-id": stack_id, "status-details": {"status": status}}


def test_a_silent_agent_is_reported_once_for_as_long_as_it_is_silent(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.clock.sleep(901)
    world.agents.check()
    del world.crash.calls[:]

    for _ in range(3):
        world.clock.sleep(300)
        assert len(world.agents.check()) == 1

    assert set(world.crash.calls) == {"page"}
    world.receive(heartbeat(world.clock.now()))
    world.clock.sleep(901)
    world.agents.check()
    silences = [each for each in world.store.records.values() if "silent" in each.event.title.lower()]
    assert len(silences) == 2


def test_an_agent_whose_report_was_lost_in_a_crash_is_reported_again(world: World) -> None:
    world.receive(heartbeat(NOW))
    world.clock.sleep(901)
    world.agents.check()
    (agent,) = world.store.agents.items.values()
    world.store.agents.items[agent.id] = replace(agent, reported_since=0)

    world.agents.check()

    assert the_agent(world).reported_since == agent.silent_since
    assert len(world.store.records) == 1
