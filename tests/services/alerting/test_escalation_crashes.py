"""Escalation while the process dies: each step is notified once and in time, and none after somebody has taken it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.notifications.notification import Delivery, Notification, Reason
from chalicelib.domain.routing.escalation import EscalationStep
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from tests.fakes import NOW, Crash, Died
from tests.services.world import World, alarm

MINUTE = 60
STEPS = {"on-call": 2 * MINUTE, "lead": 4 * MINUTE, "boss": 6 * MINUTE}
ROUTE = Route(
    name="all",
    receivers=("monitoring",),
    escalate=tuple(EscalationStep(after, (name,)) for name, after in STEPS.items()),
)
NAMED = ("monitoring", *STEPS, "report")
# A lease of a sender that died lapses within a minute.
MINUTES = 9
NEVER = 99


def announced() -> World:
    """Return a hub with a problem that people have just heard of."""
    world = World(policy=Policy((ROUTE,)), named=NAMED)
    world.ingest(alarm())
    return world


def sweep(world: World, crash: Crash) -> int:
    """Sweep a minute later in a process that may die; returns how many calls it made until then."""
    dying = World(
        crash, world.clock, world.store, world.slack, policy=world.policy, receiver_store=world.known, named=NAMED
    )
    begun = world.clock.time
    with suppress(Died):
        dying.next_minute()
    world.clock.time = max(world.clock.time, begun + MINUTE)
    return len(crash.calls)


def played(crashes: dict[int, Crash], acknowledged_at: int = NEVER) -> World:
    """Return the hub after so many minutes, in some of which the process has died."""
    world = announced()
    for minute in range(MINUTES):
        if minute == acknowledged_at:
            (fingerprint,) = world.store.alerts
            world.alerts.acknowledge(fingerprint, "on-call")
        sweep(world, crashes.get(minute, Crash()))
    return world


def escalations(world: World) -> list[Notification]:
    """Return what was escalated."""
    return [each for each in world.store.notifications.values() if each.reason is Reason.ESCALATED]


def calls_of_each_sweep() -> list[int]:
    """Return how many calls each sweep makes where none dies."""
    world = announced()
    return [sweep(world, Crash()) for _ in range(MINUTES - 2)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_call_of_any_sweep_escalates_each_step_once_and_in_time(*, after: bool) -> None:
    for minute, calls in enumerate(calls_of_each_sweep()):
        for at in range(1, calls + 1):
            crash = Crash(at, after=after)
            world = played({minute: crash})
            found = escalations(world)

            assert len(crash.calls) >= at, "it died"
            assert sorted(each.receiver for each in found) == sorted(STEPS), (minute, at)
            assert {each.status for each in found} == {Delivery.DELIVERED}, (minute, at)
            for each in found:
                late = each.created_at - NOW - STEPS[each.receiver]
                assert 0 <= late <= 2 * MINUTE + 9, (minute, at, each.receiver)
                assert 1 <= len(world.sent(each.receiver)) <= 2, (minute, at, each.receiver)


def test_where_nothing_dies_each_step_is_escalated_within_a_minute() -> None:
    for each in escalations(played({})):
        assert 0 <= each.created_at - NOW - STEPS[each.receiver] <= MINUTE


DEATHS = st.dictionaries(
    st.integers(0, MINUTES - 3), st.builds(Crash, st.integers(1, 25), after=st.booleans()), max_size=4
)


@given(DEATHS, st.integers(0, MINUTES - 1) | st.just(NEVER))
def test_however_often_it_dies_a_step_is_escalated_once_and_none_after_an_ack(
    crashes: dict[int, Crash], acknowledged_at: int
) -> None:
    world = played(crashes, acknowledged_at)
    for _ in range(4):
        sweep(world, Crash())
    found = escalations(world)

    receivers = [each.receiver for each in found]
    assert len(receivers) == len(set(receivers))
    assert {each.status for each in found} <= {Delivery.DELIVERED}
    for each in found:
        assert each.created_at - NOW >= STEPS[each.receiver]
    if acknowledged_at == NEVER:
        assert sorted(receivers) == sorted(STEPS)
    else:
        (alert,) = world.store.alerts.values()
        assert alert.marked is not None
        assert all(each.created_at <= alert.marked.at for each in found)
