"""The sweep: all parts have their turn, and the outside hears of it only where all of them ended well."""

from functools import partial
from threading import Barrier
from typing import NoReturn

import pytest

from chalicelib.container.threads import run_at_once
from chalicelib.services.notifying.ports import Handling
from chalicelib.services.operations.sweep import MARGIN
from tests.fakes import NOW
from tests.services.world import World, finding


def test_a_sweep_that_ends_well_is_reported_to_the_outside() -> None:
    world = World()
    world.ingest(finding())
    world.sweep()
    assert world.heartbeats == 1


def test_a_sweep_that_failed_in_part_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def fail(*_: object) -> NoReturn:
        raise RuntimeError("no")

    monkeypatch.setattr(type(world.dispatcher), "catch_up", fail)
    with pytest.raises(ExceptionGroup, match="A sweep failed in part"):
        world.sweep()
    assert world.heartbeats == 0


def test_silences_of_an_older_version_are_copied_before_anything_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    world, parts = World(), list[str]()

    def note(name: str, *_: object) -> int:
        parts.append(name)
        return 0

    vars(world)["copy_silences"] = partial(note, "copied")
    monkeypatch.setattr(type(world.sweep.merger), "__call__", lambda *_: note("merged"))
    monkeypatch.setattr(type(world.sweep.evaluator), "__call__", lambda *_: note("evaluated"))
    world.sweep()
    assert parts == ["copied", "merged", "evaluated"]


def test_the_outside_hears_of_a_sweep_before_it_waits_for_a_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    world, heard = World(), list[int]()
    monkeypatch.setattr(type(world.dispatcher), "try_again", lambda *_: heard.append(world.heartbeats))
    world.sweep()
    assert heard == [1]


def test_a_sweep_that_failed_waits_for_receivers_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    world, waited = World(), list[object]()
    monkeypatch.setattr(type(world.sweep.merger), "__call__", lambda *_: 1 // 0)
    monkeypatch.setattr(type(world.dispatcher), "try_again", lambda *_: waited.append(1))
    with pytest.RaisesGroup(ZeroDivisionError):
        world.sweep()
    assert (world.heartbeats, waited) == (0, [1])


def test_what_merging_and_evaluating_make_pending_is_sent_in_the_same_sweep() -> None:
    world = World()
    world.store.conflicts = 3
    world.ingest(finding())
    assert world.sent() == []

    world.sweep()

    assert len(world.sent()) == 1


@pytest.mark.parametrize(("is_pending", "is_scheduled", "woken"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_a_scheduled_sweep_that_finds_anything_pending_wakes_one_other(
    is_pending: bool, is_scheduled: bool, woken: int
) -> None:
    world, sent_before = World(), list[int]()
    world.wake_sender = lambda: sent_before.append(len(world.sent()))
    if is_pending:
        world.receive(finding(), announce=False)

    world.sweep(is_scheduled=is_scheduled)

    assert sent_before == [0] * woken


def test_sending_comes_first_and_leaves_the_others_their_time() -> None:
    world = World()
    world.slack.handled["monitoring"] = Handling(pace=5, burst=100)
    lease = world.store.acquire("monitoring", NOW, NOW + 60)
    assert lease is not None
    for number in range(50):
        world.ingest(finding(number))
    world.store.conflicts = 3
    world.ingest(finding(99))
    world.store.release(lease, NOW)

    world.sweep(lambda: 60_000)

    assert world.store.waiting == set()
    assert world.clock.now() - NOW <= 60 - MARGIN


def test_twenty_receivers_are_sent_to_at_once_and_fail_together() -> None:
    begun = Barrier(20)
    parts = [partial(begun.wait, 10) for _ in range(20)]

    run_at_once("no", parts)

    with pytest.RaisesGroup(ZeroDivisionError, ZeroDivisionError, match="not sent"):
        run_at_once("not sent", [lambda: 1 // 0, lambda: None, lambda: 1 // 0])
