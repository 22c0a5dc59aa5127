"""The hourly counter: what a busy alert forgets is counted once, and never in an event's way; a recount agrees."""

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.domain.alerts import hourly_counts
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import HOUR, hourly, hours_until
from chalicelib.domain.alerts.timeline import REMEMBERED
from chalicelib.domain.notifications.notification import Record, Recording
from chalicelib.services.alerting.hourly_recount import HourlyRecount
from chalicelib.services.ingestion import merger
from tests.fakes import NOW
from tests.services.world import World, finding

MOST_UNCOUNTED = 80
MANY = REMEMBERED + MOST_UNCOUNTED + 9


@pytest.fixture(autouse=True)
def few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly_counts, "MOST_UNCOUNTED", MOST_UNCOUNTED)


def bars(world: World) -> tuple[int, ...]:
    """Return how often the one alert fired in each hour."""
    (alert,) = world.store.alerts.values()
    counts = world.store.hourly.find_all([alert.fingerprint], hours_until(NOW)).get(alert.fingerprint, {})
    return hourly(alert, counts, NOW)


def carried(world: World) -> int:
    """Return how often the one alert fired that is counted in it and not yet beside it."""
    (alert,) = world.store.alerts.values()
    return sum(count for _, count in alert.uncounted)


def fire(world: World) -> None:
    """Take in many events of one problem, one every three minutes, some again."""
    for number in range(MANY, 0, -1):
        world.ingest(finding(at=NOW - number * HOUR // 20))
        if number % 5 == 0:
            world.ingest(finding(at=NOW - number * HOUR // 20))


def test_each_event_counts_once_in_its_hour() -> None:
    world = World()
    fire(world)

    assert sum(bars(world)) == MANY
    assert sum(sum(each.values()) for each in world.store.hourly.counts.values()) + carried(world) == MANY - REMEMBERED


def test_events_of_one_hour_are_counted_many_at_a_time() -> None:
    world = World()
    for second in range(REMEMBERED + 2 * MOST_UNCOUNTED + 3):
        world.ingest(finding(at=NOW // HOUR * HOUR + second))

    assert world.crash.calls.count("add") == 2
    assert carried(world) == 3


def test_an_alert_that_remembers_all_costs_nothing_more() -> None:
    world = World()
    for number in range(REMEMBERED):
        world.ingest(finding(at=NOW - number))

    assert world.store.hourly.counts == {}


def test_what_is_stored_alone_is_counted_when_it_is_merged() -> None:
    world = World()
    for number in range(MANY, 0, -1):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW - number))
    assert world.store.hourly.counts == {}

    world.sweep.merger()

    assert sum(bars(world)) == MANY
    assert world.crash.calls.count("add") == 1


def test_what_was_merged_before_something_failed_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merger, "MOST_WRITES", 12)
    world = World()
    for number in range(MANY, 0, -1):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW - number))
    write, has_carried = world.store.merge, list[bool]()

    def fail_once(records: Sequence[Record], alert: Alert, *args: Any, **options: Any) -> Recording:
        if has_carried[-2:] == [True, False]:
            has_carried.clear()
            raise TimeoutError
        has_carried.append(bool(alert.uncounted))
        return write(records, alert, *args, **options)

    monkeypatch.setattr(world.store, "merge", fail_once)
    with pytest.raises(ExceptionGroup):
        world.sweep.merger()
    world.sweep.merger()

    assert sum(bars(world)) == MANY


def test_counts_that_cannot_be_written_keep_no_event_from_its_way(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    def fail(*_: object) -> None:
        raise TimeoutError

    world.store.hourly.add = fail  # type: ignore[assignment,method-assign]  # the table does not answer
    fire(world)

    (alert,) = world.store.alerts.values()
    assert alert.count == MANY
    assert "Hourly counts not written" in caplog.text


def test_a_recount_finds_what_was_never_counted_and_what_was_counted_wrongly() -> None:
    world = World()
    fire(world)
    expected = bars(world)
    recount = HourlyRecount(world.event_store, world.hourly_counts, world.clock)
    for wrong in ({}, {NOW // HOUR: 7}):
        for each in world.store.hourly.counts:
            world.store.hourly.counts[each] = dict(wrong)
        assert recount(world.store.alerts.values()) == 1
        assert bars(world) == expected


def test_a_recount_leaves_alone_what_remembers_all() -> None:
    world = World()
    world.ingest(finding())

    assert HourlyRecount(world.event_store, world.hourly_counts, world.clock)(world.store.alerts.values()) == 0
    assert world.store.hourly.counts == {}
