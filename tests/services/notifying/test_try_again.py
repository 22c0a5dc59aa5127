"""What a receiver refuses is sent again soon, within the same sweep, and one that does not answer holds up nobody."""

import heapq
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from chalicelib.container.threads import MOST_AT_ONCE
from chalicelib.domain.notifications.notification import Delivery, Notification, Record
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.services.notifying.drain import LATELY, LEASE, LONGEST_DRAIN, SLOW
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Retry
from tests.fakes import NOW, FakeClock, FakeNotifier
from tests.services.world import World, finding

AWAY = Retry(30, "HTTP 503", passing=True)
LATER = Retry(25, "HTTP 429")
TIME_OUT = 5
# As many as there may be, and the report's.
TEAMS = tuple(f"team-{number:02}" for number in range(21))


class Silent(FakeNotifier):
    """Receivers of which none answers; each keeps a sender waiting for seconds."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def notify(self, message: Message) -> Any:
        """Wait, for nothing."""
        self.attempts += 1
        self._clock.sleep(TIME_OUT)
        return Retry(30, "ReadTimeout", may_have_arrived=True, passing=True)


class SilentButOne(Silent):
    """Receivers of which only that answers which is tried last."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.tried = dict[str, int]()
        self.taken_at: list[int] = []

    def notify(self, message: Message) -> Any:
        """Wait, unless it is that one."""
        if self.tried.setdefault(message.receiver, len(self.tried)) < len(TEAMS) - 1:
            return super().notify(message)
        self.taken_at.append(self._clock.now())
        return Delivered()


class Busy(Silent):
    """A receiver that takes a digest in as many calls as there is time for."""

    def notify(self, message: Message) -> Any:
        """Go on until there is no more time."""
        self._clock.sleep(message.until - self._clock.now())
        return Delivered()


@pytest.fixture
def world() -> World:
    world = World()
    world.receive(finding(), announce=False)
    return world


def test_what_may_be_over_within_seconds_is_tried_again_in_the_same_sweep(world: World) -> None:
    world.slack.fail("monitoring", AWAY)

    world.sweep()

    assert world.statuses() == {Delivery.DELIVERED}
    assert world.clock.slept == [5]


def test_the_tries_grow_apart_until_the_sweep_has_no_time_left(world: World) -> None:
    world.slack.break_down("monitoring", AWAY)

    world.sweep()

    assert world.clock.slept == [5, 10, 15, 15]
    assert world.clock.now() <= NOW + 48
    assert world.statuses() == {Delivery.PENDING}


def test_a_receiver_that_is_back_gets_all_that_waits_though_it_was_slow_to_fail(world: World) -> None:
    world.receive(finding(2), announce=False)
    world.receive(finding(3), announce=False)
    notify = world.slack.notify

    def time_out(message: Message) -> Any:
        world.slack.notify = notify  # type: ignore[method-assign]
        world.clock.time += TIME_OUT
        return Retry(30, "ReadTimeout", may_have_arrived=True, passing=True)

    world.slack.notify = time_out  # type: ignore[method-assign]

    world.sweep()

    assert world.statuses() == {Delivery.DELIVERED}


def test_a_receiver_that_says_when_to_come_back_is_sent_to_then(world: World) -> None:
    world.slack.fail("monitoring", LATER)

    world.sweep()

    assert world.clock.slept == [25]
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_sweep_waits_for_a_pause_that_is_longer_than_a_drain(world: World) -> None:
    world.slack.fail("monitoring", Retry(LONGEST_DRAIN + 15, "HTTP 429"))

    world.sweep()

    assert sum(world.clock.slept) == LONGEST_DRAIN + 15
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_long_pause_of_a_receiver_that_is_slow_to_refuse_is_not_waited_for(world: World) -> None:
    def refuse(message: Message) -> Any:
        world.clock.time += TIME_OUT
        return Retry(40, "HTTP 503")

    world.slack.notify = refuse  # type: ignore[method-assign]

    world.sweep()

    assert world.clock.slept == []


def test_a_receiver_that_took_a_message_lately_is_waited_for_though_it_is_slow(world: World) -> None:
    world.sweep()
    world.clock.time += LATELY - 60
    world.slack.notify = Silent(world.clock).notify  # type: ignore[method-assign]
    world.receive(finding(2), announce=False)

    world.sweep()

    assert world.clock.slept == [TIME_OUT, 5, TIME_OUT, 10, TIME_OUT, 15, TIME_OUT]


def test_what_a_long_pause_leaves_no_time_for_is_sent_in_the_same_sweep(world: World) -> None:
    world.receive(finding(2), announce=False)
    world.receive(finding(3), announce=False)
    world.slack.fail("monitoring", LATER)

    world.sweep()

    assert len(world.sent()) == 3
    assert world.clock.slept == [25, 2, 1]


@pytest.mark.parametrize("pace", [5, 12, 30, 60])
def test_no_sweep_outlasts_its_time_for_a_receiver_that_takes_few_messages(world: World, pace: float) -> None:
    world.slack.handled["monitoring"] = Handling(combines=False, pace=pace, burst=100)
    for number in range(2, 30):
        world.receive(finding(number), announce=False)
    world.slack.fail("monitoring", Retry(10, "HTTP 429"))

    world.sweep()
    assert world.clock.now() - NOW <= 48
    world.clock.time = NOW + 60
    world.sweep()
    assert world.clock.now() - NOW <= 60 + 48

    assert len(world.sent()) > 1


def test_what_has_to_wait_beyond_a_sweep_is_not_tried_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    route = Route(name="monitoring", receivers=("monitoring",), group_wait=100)
    world = World(policy=Policy((route,)))
    world.receive(finding(1, severity=9.5), announce=False)
    world.receive(finding(2), announce=False)
    world.slack.fail("monitoring", Retry(47, "HTTP 429"))
    acquire, acquired = world.store.acquire, list[object]()

    def count(*arguments: Any, **more: Any) -> Any:
        acquired.append(arguments)
        assert len(acquired) < 10
        return acquire(*arguments, **more)

    monkeypatch.setattr(world.store, "acquire", count)

    world.sweep()

    assert len(world.sent()) == 1
    assert sum(world.clock.slept) == 47


def test_one_receiver_that_cannot_be_read_keeps_no_other_from_another_try(world: World) -> None:
    pending = world.store.pending

    def fail(receiver: str, *rest: Any) -> Any:
        return 1 // 0 if receiver == "deployment" else pending(receiver, *rest)

    world.store.pending = fail  # type: ignore[method-assign,assignment]
    world.slack.fail("monitoring", AWAY)

    with pytest.raises(ExceptionGroup):
        world.sweep()

    assert world.statuses() == {Delivery.DELIVERED}


@pytest.mark.parametrize(("failures", "status"), [(1, Delivery.DELIVERED), (2, Delivery.PENDING)])
def test_a_delivery_that_is_not_recorded_at_the_second_try_is_not_repeated_at_once(
    world: World, failures: int, status: Delivery
) -> None:
    settle, failed = world.store.settle, list[int]()

    def fail(notifications: Sequence[Notification]) -> None:
        if len(failed) < failures:
            failed.append(1)
            raise LookupError
        settle(notifications)

    world.store.settle = fail  # type: ignore[method-assign]

    with pytest.raises(ExceptionGroup) if failures > 1 else nullcontext():
        world.sweep()

    assert world.statuses() == {status}
    assert len(world.sent()) == 1


def test_a_drain_that_fails_holds_up_nobody_and_is_tried_again(world: World) -> None:
    find, failed = world.store.find, list[int]()

    def fail(event_id: str) -> Record | None:
        if not failed:
            failed.append(1)
            raise LookupError
        return find(event_id)

    world.store.find = fail  # type: ignore[method-assign]

    with pytest.raises(ExceptionGroup):
        world.sweep()

    assert world.statuses() == {Delivery.DELIVERED}
    assert sum(world.clock.slept) < LEASE


def test_who_took_nothing_at_first_and_everything_since_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.slack.fail("monitoring", Retry(1, "HTTP 429"))
    tried = list[Any]()

    def merge(*_: object) -> int:
        world.clock.sleep(1)
        return 1

    monkeypatch.setattr(type(world.sweep.merger), "__call__", merge)
    monkeypatch.setattr(type(world.dispatcher), "try_again", lambda _, refused, __: tried.append(refused))

    world.sweep()

    assert tried == [{}]


def test_a_receiver_that_wants_more_time_than_a_sweep_has_is_left_alone(world: World) -> None:
    world.slack.fail("monitoring", Retry(300, "HTTP 429"))

    world.sweep()

    assert world.clock.slept == []
    assert world.store.acquire("monitoring", NOW + 299, NOW + 360) is None


def test_what_was_written_while_a_sweep_waits_is_sent_with_the_rest(world: World) -> None:
    world.slack.fail("monitoring", LATER)
    sleep = world.clock.sleep

    def meanwhile(seconds: float) -> None:
        world.clock.sleep = sleep  # type: ignore[method-assign]
        for number in range(2, 9):
            world.receive(finding(number), announce=False)
        sleep(seconds)

    world.clock.sleep = meanwhile  # type: ignore[method-assign]

    world.sweep()

    assert [len(message["ids"]) for message in world.sent()] == [8]


def test_a_pause_that_another_has_left_is_waited_for_as_well(world: World) -> None:
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    assert lease is not None
    world.store.release(lease, NOW + 20)

    world.sweep()

    assert world.clock.slept == [20]
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_sweep_takes_over_from_a_sender_that_died(world: World) -> None:
    world.store.acquire("monitoring", NOW, NOW + LEASE)

    world.sweep()

    assert sum(world.clock.slept) == LEASE
    assert world.statuses() == {Delivery.DELIVERED}


def test_nobody_waits_for_a_lease_that_outlasts_the_sweep(world: World) -> None:
    world.store.acquire("monitoring", NOW + 9, NOW + 9 + LEASE)

    world.sweep()

    assert world.clock.slept == []


def test_nobody_waits_for_another_who_has_sent_all(world: World) -> None:
    lease = world.store.acquire("monitoring", NOW, NOW + LEASE)
    sleep = world.clock.sleep

    def meanwhile(seconds: float) -> None:
        sleep(seconds)
        world.clock.sleep = sleep  # type: ignore[method-assign]
        assert lease is not None
        world.store.release(lease, 0)
        world.dispatcher.drain("monitoring")

    world.clock.sleep = meanwhile  # type: ignore[method-assign]

    world.sweep()

    assert world.clock.slept == [5]
    assert len(world.sent()) == 1


def test_a_sweep_over_twenty_receivers_that_do_not_answer_ends_within_twenty_seconds() -> None:
    clock = FakeClock()
    names = tuple(f"team-{number}" for number in range(20))
    world = World(clock=clock, slack=Silent(clock), policy=Policy((Route(name="all", receivers=names),)), named=names)
    world.run_at_once = at_once(clock)
    for number in range(5):
        world.receive(finding(number), announce=False)

    world.sweep()

    assert world.slack.attempts == 2 * len(names)
    assert clock.now() - NOW <= SLOW + 2 * TIME_OUT == 20


def test_who_follows_twenty_that_do_not_answer_has_its_turn_in_the_same_sweep() -> None:
    clock = FakeClock()
    slack, policy = SilentButOne(clock), Policy((Route(name="all", receivers=TEAMS),))
    world = World(clock=clock, slack=slack, policy=policy, named=TEAMS)
    world.run_at_once = at_once(clock)
    world.store.delivered_at.update(dict.fromkeys(TEAMS, NOW - 60))
    for number in range(5):
        world.receive(finding(number), announce=False)

    world.sweep()

    assert clock.now() - NOW <= 48 + TIME_OUT
    assert slack.taken_at[0] == NOW + TIME_OUT


def test_a_digest_in_many_calls_leaves_the_rest_of_a_sweep_its_time() -> None:
    clock = FakeClock()
    world = World(clock=clock, slack=Busy(clock))
    for number in range(8):
        world.receive(finding(number), announce=False)

    world.sweep()

    assert clock.now() - NOW == 48 / 3


def at_once(clock: FakeClock, most: int = MOST_AT_ONCE) -> Any:
    """Return what runs so many parts from the same time on, another as each is done, and ends when the last does."""

    def run(_message: str, parts: Any) -> None:
        ends = [clock.time] * most
        for part in parts:
            clock.time = heapq.heappop(ends)
            part()
            heapq.heappush(ends, clock.time)
        clock.time = max(ends)

    return run
