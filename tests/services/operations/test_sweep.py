"""The sweep: all parts have their turn, and the outside hears of it only where all of them ended well."""

from typing import NoReturn

import pytest

from tests.services.world import World, finding


def test_a_sweep_that_ends_well_is_reported_to_the_outside() -> None:
    world = World()
    world.ingest(finding())
    world.sweep()
    assert world.heartbeats == 1


def test_a_sweep_that_failed_in_part_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def fail(_receiver: str) -> NoReturn:
        raise RuntimeError("no")

    monkeypatch.setattr(type(world.dispatcher), "catch_up", lambda _dispatcher, receiver: fail(receiver))
    with pytest.raises(ExceptionGroup, match="A sweep failed in part"):
        world.sweep()
    assert world.heartbeats == 0
