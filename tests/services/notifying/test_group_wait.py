"""A new problem waits for others: forty alarms of one deployment are one message, and nothing is lost on the way."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.services.notifying.dispatcher import LONGEST_WAIT
from chalicelib.services.notifying.ports import Handling
from tests.fakes import NOW, Crash, Died, FakeClock
from tests.services.world import World, finding

ROUTE = Route(name="monitoring", receivers=("monitoring",), group_wait=10)


class BusyClock(FakeClock):
    """A clock by which other functions do something while one waits."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Let the others go first."""
        others, self.meanwhile = self.meanwhile, lambda: None
        others()
        super().sleep(seconds)


def waiting(clock: FakeClock | None = None, **changes: Any) -> World:
    """Return a hub whose new problems wait for ten seconds, but for what is said."""
    return World(policy=Policy((replace(ROUTE, **changes),)), clock=clock)


def shapes(world: World) -> list[int]:
    """Return of how many notifications each message was."""
    return [len(each["ids"]) for each in world.sent()]


def test_forty_alarms_of_one_deployment_are_one_message() -> None:
    clock = BusyClock()
    world = waiting(clock)
    clock.meanwhile = lambda: [world.ingest(finding(number)) for number in range(1, 40)]

    world.ingest(finding(0))

    assert shapes(world) == [40]
    assert clock.slept == [10]
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_problem_that_stays_alone_is_sent_alone_after_its_wait() -> None:
    world = waiting()
    world.ingest(finding())
    assert (shapes(world), world.clock.slept[0]) == ([1], 10)


def test_what_is_critical_is_sent_at_once_and_leaves_the_others_waiting() -> None:
    clock = BusyClock()
    world = waiting(clock)
    seen: list[list[int]] = []

    def others() -> None:
        world.ingest(finding(2, severity=9.5))
        seen.append(shapes(world))

    clock.meanwhile = others
    world.ingest(finding(1))
    assert seen == [[1]]
    assert shapes(world) == [1, 1]


def test_what_resolved_while_it_waited_is_one_message() -> None:
    clock = BusyClock()
    world = waiting(clock)
    clock.meanwhile = lambda: world.ingest(finding(at=NOW - 2, archived=True))

    world.ingest(finding())

    assert shapes(world) == [2]
    assert {each.reason for each in world.store.notifications.values()} == {Reason.FIRST, Reason.RESOLVED}
    assert world.statuses() == {Delivery.DELIVERED}


def test_the_sweep_sends_what_a_function_that_died_had_waited_for() -> None:
    class Deadly(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise Died

    clock = Deadly()
    world = waiting(clock)
    with pytest.raises(Died):
        world.ingest(finding())
    clock.time += 5
    world.sweep()
    assert shapes(world) == []
    clock.time += 5

    world.sweep()

    assert shapes(world) == [1]
    assert world.statuses() == {Delivery.DELIVERED}


def test_an_event_that_comes_again_waits_for_the_first_ones_time() -> None:
    clock = BusyClock()
    world = waiting(clock)
    clock.meanwhile = lambda: world.ingest(finding())

    world.ingest(finding())

    assert shapes(world) == [1]
    assert clock.slept == [10]


def test_a_long_wait_is_left_to_the_sweep() -> None:
    world = waiting(group_wait=LONGEST_WAIT + 1)
    world.ingest(finding())
    assert (shapes(world), world.clock.slept) == ([], [])
    world.next_minute()
    assert shapes(world) == [1]


def test_whoever_gets_each_notification_by_itself_is_not_kept_waiting() -> None:
    world = waiting()
    world.slack.handled["monitoring"] = Handling(combines=False)
    world.ingest(finding())
    assert (shapes(world), world.clock.slept) == ([1], [])


def test_news_of_a_group_keep_a_distance_from_its_last_message() -> None:
    world = waiting(group_wait=0, group_by=("account",), group_interval=300)
    world.ingest(finding(1))
    world.clock.sleep(10)
    for number in (2, 3):
        world.ingest(finding(number, at=NOW))
    world.next_minute()
    assert shapes(world) == [1]
    world.ingest(finding(4, severity=9.5, at=NOW + 60))
    assert shapes(world) == [1, 1]
    world.clock.sleep(300)
    world.next_minute()
    assert shapes(world) == [1, 1, 2]
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_receiver_that_is_gone_gets_nothing_that_waits_either() -> None:
    world = waiting(group_wait=300)
    world.ingest(finding())
    world.receivers.retire()
    world.restarted(named=("deployment", "report")).receivers.retire()
    assert {each.status for each in world.store.notifications.values()} == {Delivery.FAILED}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_while_problems_wait_loses_nothing(after: bool) -> None:
    policy = Policy((ROUTE,))
    clean = Crash()
    for number in (1, 2):
        World(clean, policy=policy).ingest(finding(number))
    for at in range(1, len(clean.calls) + 1):
        world = World(Crash(at, after), policy=policy)
        for number in (1, 2):
            with contextlib.suppress(Died):
                world.ingest(finding(number))
        again = World(Crash(), world.clock, world.store, world.slack, policy=policy)
        for number in (1, 2):
            again.ingest(finding(number))
        for _ in range(3):
            again.next_minute()
        assert again.statuses() == {Delivery.DELIVERED}, at
        assert set(again.announced()) == set(again.store.notifications), at
        assert len(again.announced()) <= len(again.store.notifications) + 2, at
