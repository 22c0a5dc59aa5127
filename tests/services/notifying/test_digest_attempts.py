"""A digest's attempts are written down once for each, and whoever dies between sending and settling repeats nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.notifications.notification import Delivery
from chalicelib.services.notifying.drain import LEASE
from chalicelib.services.notifying.ports import Message, Rejected, Retry
from tests.fakes import NOW, Crash, Died, FakeNotifier
from tests.services.world import World, finding

MANY = 8


class Doubts(FakeNotifier):
    """Receivers that also keep which messages said that they may be repetitions."""

    def __init__(self) -> None:
        super().__init__()
        self.doubtful: list[bool] = []

    def notify(self, message: Message) -> Any:
        """Keep one message, and whether it is doubtful."""
        self.doubtful.append(message.doubtful)
        return super().notify(message)


@pytest.fixture
def world() -> World:
    world = World(slack=Doubts())
    for number in range(MANY):
        world.receive(finding(number), announce=False)
    return world


def doubts(world: World) -> list[bool]:
    """Return of each message that was sent whether it said that it may be a repetition."""
    assert isinstance(world.slack, Doubts)
    return world.slack.doubtful


def test_an_attempt_at_a_digest_is_written_to_none_of_its_notifications(world: World) -> None:
    world.slack.fail("monitoring", Retry(30, "HTTP 503"))
    before = dict(world.store.notifications)

    world.dispatcher.drain("monitoring")

    assert world.store.notifications == before


def test_everybody_sees_what_a_pending_digest_failed_for(world: World) -> None:
    world.slack.fail("monitoring", Retry(30, "HTTP 503"), Retry(30, "HTTP 502"))
    world.dispatcher.drain("monitoring")
    world.clock.sleep(60)
    world.dispatcher.drain("monitoring")

    shown = [world.notifications.get(each) for each in world.store.notifications]

    assert {(each.attempts, each.error, each.settled_at) for each in shown} == {(2, "HTTP 502", NOW + 60)}


def test_what_is_delivered_by_a_digest_says_how_often_it_was_tried(world: World) -> None:
    world.slack.fail("monitoring", Retry(30, "HTTP 503"))
    world.dispatcher.drain("monitoring")
    world.clock.sleep(60)

    world.dispatcher.drain("monitoring")

    found = world.store.notifications.values()
    assert {(each.status, each.attempts, each.error) for each in found} == {(Delivery.DELIVERED, 2, "")}


def dying(world: World, method: str, *, after: bool = False, number: int = 0) -> World:
    """Let the process die at a call of that method while it sends, and return the next one."""
    rehearsal = World(Crash(), world.clock)
    for each in range(MANY):
        rehearsal.receive(finding(each), announce=False)
    del rehearsal.crash.calls[:]
    rehearsal.dispatcher.drain("monitoring")
    at = [place for place, name in enumerate(rehearsal.crash.calls, start=1) if name == method][number]
    dies = World(Crash(at, after=after), world.clock, world.store, world.slack)
    with pytest.raises(Died):
        dies.dispatcher.drain("monitoring")
    world.clock.sleep(LEASE)
    return world.restarted()


def test_a_digest_that_arrived_is_not_repeated_if_nobody_lived_to_settle_it(world: World) -> None:
    restarted = dying(world, "settle")

    assert restarted.dispatcher.drain("monitoring") == MANY
    assert len(world.sent()) == 1
    assert world.statuses() == {Delivery.DELIVERED}


def test_what_a_digest_has_said_is_settled_though_more_urgent_problems_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.services.notifying.drain.DIGEST_SIZE", MANY)
    restarted = dying(world, "settle")
    for number in range(MANY):
        restarted.receive(finding(100 + number, severity=9.5), announce=False)

    while restarted.dispatcher.drain("monitoring"):
        restarted.clock.sleep(60)

    assert len(world.sent()) == 2
    assert world.statuses() == {Delivery.DELIVERED}


@pytest.mark.parametrize(
    "die",
    [
        lambda world: dying(world, "notify"),
        lambda world: dying(world, "notify", after=True),
        lambda world: dying(world, "save", number=1),
    ],
    ids=["before it is sent", "after it was sent", "before that is written down"],
)
def test_a_digest_of_which_nobody_knows_says_so_when_it_is_repeated(
    world: World, die: Callable[[World], World]
) -> None:
    die(world).dispatcher.drain("monitoring")

    assert doubts(world)[-1]
    assert world.statuses() == {Delivery.DELIVERED}


def test_a_digest_that_was_never_begun_is_in_no_doubt(world: World) -> None:
    dying(world, "save").dispatcher.drain("monitoring")

    assert doubts(world) == [False]


def test_a_digest_that_was_answered_by_nobody_says_so_when_it_is_repeated(world: World) -> None:
    world.slack.fail("monitoring", Retry(30, "ReadTimeout", may_have_arrived=True), Retry(30, "HTTP 503"))

    for _ in range(3):
        world.dispatcher.drain("monitoring")
        world.clock.sleep(60)

    assert doubts(world) == [False, True, True]


def test_what_somebody_wants_again_is_sent_again_though_a_digest_has_said_it(world: World) -> None:
    world.dispatcher.drain("monitoring")
    world.clock.sleep(LEASE)
    for each in list(world.store.notifications):
        world.notifications.redeliver(each, force=True)
    world.store.acquire("monitoring", world.clock.now(), world.clock.now() + LEASE)  # and dies
    world.clock.sleep(LEASE)

    world.dispatcher.drain("monitoring")

    assert len(world.sent()) == 2


def test_of_a_digest_that_is_refused_the_worst_is_sent_alone(world: World) -> None:
    world.slack.fail("monitoring", Rejected("invalid_blocks"))

    world.dispatcher.drain("monitoring")

    assert world.sent()[0]["text"] == "announcement"
    assert doubts(world)[:2] == [False, False]
