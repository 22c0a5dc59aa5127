"""A receiver's cap for an hour: beyond it only CRITICAL goes at once, the rest in digests, and nothing is lost."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.hourly_cap import BETWEEN_DIGESTS, CAP, HOUR
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason
from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.ports import Handling
from tests.fakes import Crash, Died, FakeClock
from tests.services.world import World

PER_HOUR = 3
# Twenty past an hour.
BEGIN = 1_760_001_600 - 1_760_001_600 % HOUR + 1_200


def capped(world: World | None = None) -> World:
    """Return a hub whose receiver takes few messages in an hour."""
    world = world or World(clock=FakeClock(BEGIN))
    world.slack.handled["monitoring"] = Handling(per_hour=PER_HOUR)
    return world


def enqueue(world: World, number: int, severity: Severity = Severity.HIGH, reason: Reason = Reason.FIRST) -> str:
    """Leave a notification about a problem of its own, and return its id."""
    made = Notification(
        id=f"n{number}",
        receiver="monitoring",
        kind="alarm",
        reason=reason,
        severity=severity,
        title=f"problem {number}",
        created_at=world.clock.now(),
        fingerprint=f"f{number}",
        episode=1,
    )
    assert world.outbox.enqueue(made)
    return made.id


def send(world: World, numbers: range) -> None:
    """Leave problems one by one, each a little later, and send each."""
    for number in numbers:
        enqueue(world, number)
        world.dispatcher.drain("monitoring", [world.store.notifications[f"n{number}"]])
        world.clock.sleep(5)


def ids(world: World) -> list[list[str]]:
    """Return the ids that each message was about."""
    return [message["ids"] for message in world.sent()]


def notices(world: World) -> list[Notification]:
    """Return the notifications that a cap was reached."""
    return [each for each in world.store.notifications.values() if each.kind == CAP]


def test_what_comes_beyond_the_cap_waits_and_the_channel_learns_so_once() -> None:
    world = capped()
    send(world, range(6))
    (notice,) = notices(world)

    assert ids(world) == [["n0"], ["n1"], ["n2"], [notice.id]]
    until = iso(BEGIN - BEGIN % HOUR + HOUR)[11:16]
    assert notice.title == (
        f"3 messages this hour: until {until} UTC only what is CRITICAL comes at once, the rest every 10 minutes"
    )
    assert (notice.reason, notice.severity) == (Reason.CAPPED, Severity.LOW)


def test_what_waited_is_one_digest_after_ten_minutes_and_again_after_ten_more() -> None:
    world = capped()
    send(world, range(6))
    for number in (6, 7):
        world.next_minute()
        enqueue(world, number)
    while len(world.sent()) < 5:
        world.next_minute()

    assert sorted(ids(world)[4]) == ["n3", "n4", "n5", "n6", "n7"]
    assert BETWEEN_DIGESTS <= world.clock.now() - BEGIN - 15 <= BETWEEN_DIGESTS + 130
    enqueue(world, 8)
    digested_at = world.clock.now()
    while len(world.sent()) < 6:
        world.next_minute()
    assert world.clock.now() - digested_at > BETWEEN_DIGESTS - 61


def test_what_is_critical_passes_and_its_end_does_not() -> None:
    world = capped()
    send(world, range(5))
    critical, end = enqueue(world, 5, Severity.CRITICAL), enqueue(world, 6, Severity.CRITICAL, Reason.RESOLVED)
    world.dispatcher.drain("monitoring", [world.store.notifications[each] for each in (critical, end)])

    assert ids(world)[-1] == [critical]
    assert world.store.notifications[end].status is Delivery.PENDING


@pytest.mark.parametrize("handling", [Handling(), Handling(combines=False)])
def test_a_cap_that_is_there_no_more_holds_nothing_back(handling: Handling) -> None:
    world = capped()
    send(world, range(6))
    sent = len(world.sent())
    world.slack.handled["monitoring"] = handling
    world.sweep()

    assert ids(world)[sent:] == [["n3"], ["n4"], ["n5"]]


def test_a_cap_that_was_raised_takes_effect_within_a_minute() -> None:
    world = capped()
    send(world, range(7))
    sent = len(world.sent())
    world.slack.handled["monitoring"] = Handling(per_hour=PER_HOUR + 2)
    world.sweep()

    assert ids(world)[sent : sent + 2] == [["n3"], ["n4"]]
    assert sorted(each.title.partition(" ")[0] for each in notices(world)) == ["3", "5"]
    assert {world.store.notifications[f"n{number}"].status for number in (5, 6)} == {Delivery.PENDING}


def test_a_new_hour_begins_anew() -> None:
    world = capped()
    send(world, range(5))
    world.clock.time = BEGIN - BEGIN % HOUR + HOUR
    world.sweep()

    assert sorted(each for some in ids(world)[4:] for each in some) == ["n3", "n4"]
    assert len(notices(world)) == 1


def test_who_has_nothing_urgent_does_not_even_read_what_is_pending_meanwhile() -> None:
    world = capped()
    send(world, range(5))
    late = enqueue(world, 5)
    del world.crash.calls[:]
    world.dispatcher.drain("monitoring", [world.store.notifications[late]])

    assert world.crash.calls == ["handling", "acquire"]


def test_without_a_cap_nothing_is_counted() -> None:
    world = World()
    send(world, range(9))

    assert len(world.sent()) == 9
    assert not world.store.call_budgets.taken


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_the_cap_holds(*, after: bool) -> None:
    def run(world: World) -> World:
        send(capped(world), range(4))
        return world

    calls = len(run(World(clock=FakeClock(BEGIN))).crash.calls)
    for at in range(1, calls + 1):
        dying = World(Crash(at, after=after), FakeClock(BEGIN))
        with pytest.raises(Died):
            run(dying)
        world = capped(dying.restarted())
        for number in range(4, 8):
            enqueue(world, number)
        while world.clock.now() < BEGIN + HOUR:
            world.next_minute()

        kept = world.store.notifications
        assert {each.status for each in kept.values()} == {Delivery.DELIVERED}, at
        assert set(world.announced()) == set(kept), at
        assert len(notices(world)) == 1, at
        assert len([some for some in ids(world) if len(some) == 1]) <= PER_HOUR + 3, at


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from([Severity.MEDIUM, Severity.CRITICAL]), st.booleans()), max_size=25
)


@given(ARRIVALS)
def test_whatever_comes_all_is_delivered_and_an_hour_has_few_messages(
    arrivals: list[tuple[int, Severity, bool]],
) -> None:
    world = capped()
    critical = set[str]()
    for number, (pause, severity, over) in enumerate(arrivals):
        world.clock.sleep(pause)
        made = enqueue(world, number, severity, Reason.RESOLVED if over else Reason.FIRST)
        critical |= {made} if severity is Severity.CRITICAL and not over else set()
        world.dispatcher.drain("monitoring", [world.store.notifications[made]])
        if number % 3 == 0:
            world.dispatcher.catch_up(["monitoring"])
    for _ in range(2 * HOUR // BETWEEN_DIGESTS):
        world.clock.sleep(BETWEEN_DIGESTS)
        world.dispatcher.catch_up(["monitoring"])

    assert sorted(world.announced()) == sorted(world.store.notifications)
    hours = Counter(
        world.store.notifications[some[0]].settled_at // HOUR for some in ids(world) if not critical & {*some}
    )
    assert max(hours.values(), default=0) <= PER_HOUR + 1 + HOUR // BETWEEN_DIGESTS
