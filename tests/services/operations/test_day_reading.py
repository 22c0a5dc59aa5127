"""A day's events are read once at its end, for its reconciliation and its report, and each does without the other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification, Record
from chalicelib.domain.reports.daily import DayTally, Report
from chalicelib.domain.reports.reconciliation import ReconciliationState
from chalicelib.domain.timestamps import DAY, HOUR, iso
from chalicelib.services.operations.reconciliation import FUNCTION_FAILURES, metrics_of
from tests.fakes import NOW
from tests.services.world import World, envelope

MIDNIGHT = NOW - NOW % DAY + DAY
# Of the hour that only reconciliation looks at, of the day before, and of the day itself.
TIMES = (
    MIDNIGHT - 2 * DAY - 1,
    MIDNIGHT - 2 * DAY,
    MIDNIGHT - DAY - 1,
    MIDNIGHT - DAY,
    MIDNIGHT - 2 * HOUR,
    MIDNIGHT - 1,
)
IN_THE_DAY = 3


@pytest.fixture
def hub() -> World:
    """Return a hub at midnight, after a day of which an event was lost."""
    hub = World()
    hub.clock.time = MIDNIGHT - DAY - 1
    for number, at in enumerate((*TIMES, MIDNIGHT)):
        hub.clock.time = max(hub.clock.time, at)
        hub.receive(envelope(time=iso(at), id=str(number)))
    lost = next(each for each in metrics_of("prod") if each.name == FUNCTION_FAILURES[0])
    hub.counted.count(lost, MIDNIGHT - 2 * HOUR)
    return hub


@pytest.fixture
def reads(hub: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return the times of which all events are read."""
    reads: list[tuple[int, int]] = []
    between = hub.store.between

    def noted(start: int, end: int) -> Iterator[Record]:
        reads.append((start, end))
        return between(start, end)

    monkeypatch.setattr(hub.store, "between", noted)
    return reads


def at_midnight() -> dict[str, object]:
    return envelope("aws.events", "Scheduled Event", time=iso(MIDNIGHT))


def report_of(hub: World) -> Report:
    (notification,) = [each for each in hub.store.notifications.values() if each.kind == "report"]
    return Report.from_json(notification.body)


def read_alone(hub: World) -> Report:
    notification: Notification = hub.reports.send(MIDNIGHT - DAY, again="alone")
    return Report.from_json(notification.body)


def reconciliations(hub: World) -> int:
    return sum(each.event.kind == "reconciliation" for each in hub.store.records.values())


@pytest.mark.parametrize("name", ["__call__", "catch_up"])
def test_a_day_is_read_once_and_reported_as_if_it_were_read_alone(
    hub: World, reads: list[tuple[int, int]], name: str
) -> None:
    getattr(hub.end_of_day, name)(at_midnight())

    assert reads == [(MIDNIGHT - 2 * DAY - HOUR, MIDNIGHT)]
    report = report_of(hub)
    assert report.events.count == IN_THE_DAY + 1
    assert report.reconciliation is not None
    assert report.reconciliation.state is ReconciliationState.FAILING
    # The first report itself is pending by then where it is the next sweep that sends it.
    assert replace(report, backlog=()) == replace(read_alone(hub), backlog=())


def test_the_end_of_a_day_that_comes_twice_counts_its_reconciliation_once(hub: World) -> None:
    hub.end_of_day(at_midnight())
    hub.store.notifications.clear()
    hub.end_of_day(at_midnight())

    assert report_of(hub).events.count == IN_THE_DAY + 1


def failing(*_: object, **__: object) -> None:
    raise ValueError("unreadable")


def breaking_off(between: Callable[[int, int], Iterator[Record]]) -> Callable[[int, int], Iterator[Record]]:
    """Return a read that breaks off after two events, the first time."""
    tried: list[int] = []

    def read(start: int, end: int) -> Iterator[Record]:
        tried.append(start)
        for number, record in enumerate(between(start, end)):
            if number == 2 and len(tried) == 1:
                raise TimeoutError("throttled")
            yield record

    return read


def test_a_report_is_whole_though_reconciliation_breaks_off_reading(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.store, "between", breaking_off(hub.store.between))

    with pytest.raises(ExceptionGroup):
        hub.end_of_day(at_midnight())

    report = report_of(hub)
    assert (report.events.count, report.events.before, report.reconciliation) == (IN_THE_DAY, 2, None)


def test_a_report_is_whole_though_no_reconciliation_is_stored(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.store, "record", failing)

    with pytest.raises(ExceptionGroup):
        hub.end_of_day(at_midnight())

    report = report_of(hub)
    assert (report.events.count, report.events.before, report.reconciliation) == (IN_THE_DAY, 2, None)


def test_a_reconciliation_that_fails_once_it_is_stored_is_reported(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = hub.store.record

    def store_and_fail(*args: Any) -> None:
        store(*args)
        raise TimeoutError("throttled")

    monkeypatch.setattr(hub.store, "record", store_and_fail)

    with pytest.raises(ExceptionGroup):
        hub.end_of_day(at_midnight())

    report = report_of(hub)
    assert (report.events.count, report.reconciliation is None) == (IN_THE_DAY + 1, False)


def test_a_day_is_reconciled_though_nothing_can_be_reported(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DayTally, "add", failing)

    with pytest.raises(ExceptionGroup):
        hub.end_of_day(at_midnight())

    assert reconciliations(hub) == 1
