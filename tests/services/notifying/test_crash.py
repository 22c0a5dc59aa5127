"""The process dies at every call to a gateway, before or after its effect; then the work is run again.

Lambda retries a failed invocation, and the sweep runs every minute: together they must end every scenario as if nothing
had happened, except that a message may have been sent twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, Status
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.escalation import EscalationStep
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.drain import LEASE
from chalicelib.services.notifying.ports import Rejected, Retry
from tests.fakes import NOW, Crash, Died
from tests.services.world import World, alarm, envelope, finding

AGENT_STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/StackSet-monitoring-agent-3f1c/9a1b"


def heartbeat(at: int) -> dict[str, object]:
    """Return a heartbeat of one agent."""
    detail = {"at": at, "heartbeat_seconds": 300, "name": "payments"}
    return envelope("monitoring.agent.heartbeat", "Heartbeat", detail=detail, time=iso(at))


def stack_event() -> dict[str, object]:
    """Return the news that an agent's stack is there."""
    detail = {"stack-id": AGENT_STACK, "status-details": {"status": "CREATE_COMPLETE"}}
    return envelope("aws.cloudformation", "CloudFormation Stack Status Change", detail=detail)


def nothing(world: World) -> None:
    """Begin with an empty table."""


def an_announced_problem(world: World) -> None:
    """Begin with a problem that people have heard of."""
    world.ingest(finding(at=NOW - 600))


def a_busy_alert(world: World) -> None:
    """Begin with events that were stored alone."""
    for second in range(3):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW - 60 + second))


def a_silent_agent(world: World) -> None:
    """Begin with an agent that stopped reporting."""
    world.receive(heartbeat(NOW))
    world.clock.sleep(1_000)


def a_stale_agent(world: World) -> None:
    """Begin with an agent whose silence people have heard of."""
    a_silent_agent(world)
    world.agents.check()


def a_storm(world: World) -> None:
    """Begin with more pending than is sent one by one."""
    world.slack.fail("monitoring", Retry(LEASE, "HTTP 503"))
    for number in range(8):
        world.ingest(finding(number))


def a_quiet_problem(world: World) -> None:
    """Begin with a problem that nobody will say is over."""
    world.ingest(envelope("aws.unheard"))
    world.clock.sleep(HOUR)


def a_lasting_problem(world: World) -> None:
    """Begin with a problem that people have not heard of for hours."""
    world.ingest(alarm())
    world.clock.sleep(4 * HOUR)


def a_settled_problem(world: World) -> None:
    """Begin with a problem that began and ended too often, and has stayed for a while."""
    for turn in range(FLAPS):
        world.ingest(finding(at=NOW - 600 + turn, archived=bool(turn % 2)))
    world.clock.sleep(FLAP_WINDOW)


def a_refused_notification(world: World) -> None:
    """Begin with a notification that has failed."""
    world.slack.fail("monitoring", Rejected("HTTP 404", receiver_gone=True))
    world.ingest(finding())


def an_unacknowledged_problem(world: World) -> None:
    """Begin with a problem that nobody has acknowledged in time."""
    route = Route(name="all", receivers=("monitoring",), escalate=(EscalationStep(300, ("report",)),))
    world.policy = Policy((route,))
    an_announced_problem(world)
    world.clock.sleep(300)


def resolve(world: World) -> None:
    """Resolve all alerts by hand."""
    for fingerprint in world.store.alerts:
        world.alerts.resolve(fingerprint, "on-call")


def redeliver(world: World) -> None:
    """Owe all notifications again."""
    for each in list(world.store.notifications):
        world.notifications.redeliver(each, force=True)


def last_reason(world: World) -> Reason:
    """Return why people were told something last."""
    return max(reversed(world.store.notifications.values()), key=lambda each: each.created_at).reason


@dataclass(frozen=True)
class Scenario:
    """What was, what happens, and what must be true in the end."""

    before: Callable[[World], None]
    act: Callable[[World], object]
    events: int
    counts: list[int]
    after: Callable[[World], bool] = lambda world: True


SCENARIOS = {
    "an event": Scenario(nothing, lambda world: world.receive(finding()), 1, [1]),
    "a repetition": Scenario(an_announced_problem, lambda world: world.receive(finding()), 2, [2]),
    "an end": Scenario(
        an_announced_problem,
        lambda world: world.receive(finding(archived=True)),
        2,
        [1],
        lambda world: {alert.status for alert in world.store.alerts.values()} == {Status.RESOLVED},
    ),
    "a merge": Scenario(a_busy_alert, World.next_minute, 3, [3]),
    "a digest": Scenario(a_storm, World.next_minute, 8, [1] * 8),
    "a deployment": Scenario(
        nothing,
        lambda world: world.deployments.update(stack_event()),
        1,
        [0],
        lambda world: [agent.deployment for agent in world.store.agents.items.values()] == ["CREATE_COMPLETE"],
    ),
    "a first heartbeat": Scenario(
        nothing,
        lambda world: world.receive(heartbeat(NOW)),
        0,
        [],
        lambda world: [agent.status for agent in world.store.agents.items.values()] == [AgentStatus.ACTIVE],
    ),
    "a silence": Scenario(
        a_silent_agent,
        lambda world: world.agents.check(),
        1,
        [1],
        lambda world: [agent.status for agent in world.store.agents.items.values()] == [AgentStatus.STALE],
    ),
    "a quiet end": Scenario(
        a_quiet_problem,
        World.next_minute,
        1,
        [1],
        lambda world: last_reason(world) is Reason.RESOLVED and len(world.store.notifications) == 2,
    ),
    "a reminder": Scenario(
        a_lasting_problem,
        World.next_minute,
        1,
        [1],
        lambda world: last_reason(world) is Reason.REMINDER and len(world.store.notifications) == 2,
    ),
    "an escalation": Scenario(
        an_unacknowledged_problem,
        World.next_minute,
        1,
        [1],
        lambda world: (
            [each.receiver for each in world.store.notifications.values() if each.reason is Reason.ESCALATED]
            == ["report"]
        ),
    ),
    "a settled flapping": Scenario(
        a_settled_problem,
        World.next_minute,
        5,
        [1],
        lambda world: last_reason(world) is Reason.STABLE and len(world.store.notifications) == 6,
    ),
    "an end by hand": Scenario(
        an_announced_problem,
        resolve,
        1,
        [1],
        lambda world: last_reason(world) is Reason.RESOLVED and len(world.store.notifications) == 2,
    ),
    "a redelivery": Scenario(a_refused_notification, redeliver, 1, [1]),
    "a return": Scenario(
        a_stale_agent,
        lambda world: world.receive(heartbeat(NOW + 1_000)),
        2,
        [1],
        lambda world: {alert.status for alert in world.store.alerts.values()} == {Status.RESOLVED},
    ),
}


def calls_of(scenario: Scenario) -> int:
    """Count the calls to gateways in a run without a crash."""
    world = World()
    scenario.before(world)
    del world.crash.calls[:]
    scenario.act(world)
    return len(world.crash.calls)


def world_that_dies(scenario: Scenario, at: int, *, after: bool) -> World:
    """Play the scenario until the process dies at a call."""
    world = World()
    scenario.before(world)
    dying = World(Crash(at, after=after), world.clock, world.store, world.slack, policy=world.policy)
    with pytest.raises(Died):
        scenario.act(dying)
    return dying.restarted()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_counts_nothing_twice(name: str, *, after: bool) -> None:
    scenario = SCENARIOS[name]
    calls = calls_of(scenario)
    assert calls

    for at in range(1, calls + 1):
        world = world_that_dies(scenario, at, after=after)
        world.clock.sleep(LEASE)
        scenario.act(world)
        world.next_minute()

        store = world.store
        assert len(store.records) == scenario.events, at
        assert sorted(alert.count for alert in store.alerts.values()) == scenario.counts, at
        assert Delivery.PENDING not in world.statuses(), at
        assert {each.status for each in store.notifications.values()} <= {Delivery.DELIVERED}, at
        assert set(store.notifications) == set(world.announced()), at
        assert len(world.announced()) <= len(store.notifications) + max(
            1, len(store.notifications) * (name in {"a digest", "a return"})
        ), at
        assert scenario.after(world), at
