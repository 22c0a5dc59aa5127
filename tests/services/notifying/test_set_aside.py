"""A message on which a notifier fails keeps none of the others from being sent."""

from typing import Any

import pytest

from chalicelib.domain.notifications.notification import Delivery
from chalicelib.services.notifying.drain import LEASE, MOST_ASIDE
from chalicelib.services.notifying.ports import Handling, Message
from tests.fakes import NOW
from tests.services.world import World, finding


class DefectError(Exception):
    """A defect of a notifier."""


def break_on(world: World, monkeypatch: pytest.MonkeyPatch, *titles: str) -> None:
    """Let the notifier fail on messages that hold one of these."""
    notify = world.slack.notify

    def broken(message: Message) -> Any:
        if any(each.title in titles for each in message.notifications):
            world.slack.attempts += 1
            raise DefectError
        return notify(message)

    monkeypatch.setattr(world.slack, "notify", broken)


def pending(world: World, count: int) -> None:
    """Let problems arrive while somebody else sends; the first of them is the worst."""
    lease = world.store.acquire("monitoring", world.clock.now(), world.clock.now() + LEASE)
    assert lease is not None
    for number in range(count):
        world.ingest(finding(number, severity=9.0 - number))
    world.store.release(lease, world.clock.now())


def of(world: World, status: Delivery) -> list[str]:
    """Return the titles of the notifications of a status."""
    return sorted(each.title for each in world.store.notifications.values() if each.status is status)


def test_a_message_on_which_the_notifier_fails_keeps_no_other_from_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    pending(world, 3)
    break_on(world, monkeypatch, "Finding 0")

    with pytest.raises(ExceptionGroup) as raised:
        world.dispatcher.drain("monitoring")

    assert [type(each) for each in raised.value.exceptions] == [DefectError]
    assert of(world, Delivery.DELIVERED) == ["Finding 1", "Finding 2"]
    (left,) = [each for each in world.store.notifications.values() if each.status is Delivery.PENDING]
    assert (left.title, left.attempts, left.error) == ("Finding 0", 1, "DefectError")


def test_it_is_sent_once_the_notifier_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    pending(world, 2)
    with monkeypatch.context() as broken:
        break_on(world, broken, "Finding 0")
        with pytest.raises(ExceptionGroup):
            world.dispatcher.drain("monitoring")

    world.next_minute()

    assert of(world, Delivery.PENDING) == []
    assert len(world.sent()) == 2


def test_a_digest_on_which_the_notifier_fails_is_sent_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    pending(world, 8)
    break_on(world, monkeypatch, "Finding 0")

    with pytest.raises(ExceptionGroup):
        world.dispatcher.drain("monitoring")

    for _ in range(3):
        with pytest.raises(ExceptionGroup):
            world.next_minute()
    assert of(world, Delivery.PENDING) == ["Finding 0"]


def test_a_notifier_that_fails_on_everything_is_not_tried_with_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    pending(world, 5)
    break_on(world, monkeypatch, *(f"Finding {number}" for number in range(5)))

    with pytest.raises(ExceptionGroup):
        world.dispatcher.drain("monitoring")

    assert world.slack.attempts <= 2 * MOST_ASIDE
    assert len(of(world, Delivery.PENDING)) == 5


def test_nothing_of_a_problem_overtakes_what_was_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.slack.handled["monitoring"] = Handling(pace=0, burst=10, combines=False)
    lease = world.store.acquire("monitoring", world.clock.now(), world.clock.now() + LEASE)
    assert lease is not None
    world.ingest(finding(0))
    world.ingest(finding(0, severity=9.0, at=NOW - 4))
    world.ingest(finding(1))
    world.store.release(lease, world.clock.now())
    first = next(each for each in world.store.notifications.values() if each.fingerprint)
    notify = world.slack.notify

    def broken(message: Message) -> Any:
        if any(each.id == first.id for each in message.notifications):
            raise DefectError
        return notify(message)

    monkeypatch.setattr(world.slack, "notify", broken)
    with pytest.raises(ExceptionGroup):
        world.dispatcher.drain("monitoring")

    sent = [each for each in world.store.notifications.values() if each.status is Delivery.DELIVERED]
    assert [each.title for each in sent] == ["Finding 1"]
