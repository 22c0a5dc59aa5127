"""A minimum count holds through crashes, repeated deliveries and alerts that are too busy to be written."""

import itertools
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.services.notifying.drain import LEASE
from tests.fakes import NOW, Crash, Died
from tests.services.ingestion.test_backfill_results import errors
from tests.services.world import POLICY, World

FIVE = Route(name="five", receivers=("monitoring",), min_count=5, min_count_window=900)
COUNTING: Policy = replace(POLICY, routes=(FIVE,))
EVENTS = [errors(NOW - 300 + 60 * number, backfill=False, count=2) for number in range(4)]


def ended(world: World) -> list[tuple[Reason, Delivery]]:
    """Return what became of the events, in the order of their times."""
    records = sorted(world.store.records.items())
    return [(record.outcome.reason, record.outcome.status) for _, record in records]


EXPECTED = [
    *[(Reason.BELOW_COUNT, Delivery.SUPPRESSED)] * 2,
    (Reason.FIRST, Delivery.DELIVERED),
    (Reason.REPEATED, Delivery.SUPPRESSED),
]


def test_the_third_event_of_two_lines_each_is_announced() -> None:
    world = World(policy=COUNTING)
    for event in EVENTS:
        world.ingest(event)
    assert ended(world) == EXPECTED
    ((notification,),) = [list(world.store.notifications.values())]
    assert (notification.reason, notification.count, notification.by) == (Reason.FIRST, 3, "five")


def test_a_repeated_delivery_counts_nothing_twice() -> None:
    world = World(policy=COUNTING)
    for _ in range(3):
        world.ingest(EVENTS[0])
        world.ingest(EVENTS[1])
    assert ended(world) == EXPECTED[:2]
    (alert,) = world.store.alerts.values()
    assert alert.most_within(900) == 4


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_one_event_announces_it_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    world = World(policy=COUNTING)
    for number in order:
        world.ingest(EVENTS[number])
    assert sorted(reason for reason, _ in ended(world)) == sorted(reason for reason, _ in EXPECTED)
    assert len(world.sent()) == 1


def test_events_of_a_busy_alert_are_counted_when_they_are_merged() -> None:
    world = World(policy=COUNTING)
    for event in EVENTS:
        world.store.conflicts = 3
        world.ingest(event)
    world.next_minute()
    assert ended(world) == EXPECTED


def take_all(world: World) -> None:
    """Take all events, as Lambda does that repeats what has failed."""
    for event in EVENTS:
        world.ingest(event)


def busy(world: World) -> None:
    """Take all events while the alert is too busy, and merge them."""
    for event in EVENTS:
        world.store.conflicts = 3
        world.ingest(event)
    world.store.conflicts = 0
    world.sweep()


@pytest.mark.parametrize("act", [take_all, busy])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_announces_it_once(act: Callable[[World], None], *, after: bool) -> None:
    whole = World(policy=COUNTING)
    act(whole)
    for at in range(1, len(whole.crash.calls) + 1):
        dying = World(Crash(at, after=after), policy=COUNTING)
        with pytest.raises(Died):
            act(dying)
        world = World(Crash(), dying.clock, dying.store, dying.slack, policy=COUNTING)
        world.store.conflicts = 0
        world.clock.sleep(LEASE)
        take_all(world)
        world.next_minute()
        outcomes = ended(world)
        assert sorted(reason for reason, _ in outcomes) == sorted(reason for reason, _ in EXPECTED), at
        assert Delivery.PENDING not in {status for _, status in outcomes}, at
        assert len(world.store.notifications) == 1, at
