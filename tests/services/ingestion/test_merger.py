"""The merger: what was stored alone comes into its alert, once, in few calls, whoever is in the way."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Reason, Record, Recording
from chalicelib.domain.notifications.unmerged_events import UnmergedEvents
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.severities import SeverityRule
from chalicelib.services.ingestion import merger
from tests.fakes import NOW
from tests.services.world import POLICY, World, finding


@pytest.fixture
def world() -> World:
    return World()


def test_a_hundred_unmerged_events_become_one_alert_and_few_messages(world: World) -> None:
    for second in range(100):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW + second))

    world.next_minute()

    (alert,) = world.store.alerts.values()
    assert alert.count == 100
    assert world.statuses() == {Delivery.DELIVERED, Delivery.SUPPRESSED}
    assert len(world.announced()) == len(world.store.notifications) == 4


def test_a_merge_of_events_that_each_have_several_messages_fits_a_transaction() -> None:
    everyone = tuple(f"receiver-{number}" for number in range(4))
    world = World(policy=Policy((Route(name="all", receivers=everyone, every_event=True),)))
    for second in range(45):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW + second))

    assert world.sweep.merger() == 45

    assert len(world.store.notifications) == 45 * 4
    assert world.store.waiting == set()


def test_thousands_of_events_of_one_alert_are_merged_in_few_calls(world: World) -> None:
    for second in range(500):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW + second))
    del world.crash.calls[:]

    assert world.sweep.merger() == 500

    (alert,) = world.store.alerts.values()
    assert alert.count == 500
    assert len(world.crash.calls) <= 1 + 2 + 500 / 80 + 1


def test_a_merge_ends_when_its_time_is_over(world: World) -> None:
    world.store.conflicts = 3
    world.ingest(finding())

    assert world.sweep.merger(until=NOW) == 0
    assert world.sweep.merger(until=NOW + 1) == 1


def test_a_merge_that_loses_a_race_tries_again_at_once(world: World) -> None:
    world.store.conflicts = 3
    world.ingest(finding())
    world.store.conflicts = 2

    assert world.sweep.merger() == 1


def test_a_merge_that_loses_a_race_reads_again_only_what_it_tried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merger, "MOST_WRITES", 12)
    for second in range(40):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW + second))
    unmerged_now, read = world.store.unmerged_now, list[int]()

    def note(some: Sequence[UnmergedEvents]) -> list[UnmergedEvents]:
        read.append(len(some))
        return unmerged_now(some)

    monkeypatch.setattr(world.store, "unmerged_now", note)
    world.store.conflicts = 1

    assert world.sweep.merger() == 40
    assert read == [1]


@pytest.mark.parametrize(("done_by_the_other", "tried"), [(2, [0, 5, 4, 3, 2, 1]), (6, [0, 5])])
def test_who_meets_another_merger_goes_on_from_the_other_end(
    world: World, monkeypatch: pytest.MonkeyPatch, done_by_the_other: int, tried: list[int]
) -> None:
    world.store.conflicts = 18
    fingerprints = [world.ingest(finding(number)).event.fingerprint for number in range(6)]
    other, merge, ours, theirs = world.restarted(), world.store.merge, list[int](), list[int]()

    def merge_theirs(records: Sequence[Record], alert: Alert, *rest: Any, **more: Any) -> Recording:
        if len(theirs) == done_by_the_other:
            raise KeyboardInterrupt
        theirs.append(fingerprints.index(alert.fingerprint))
        return merge(records, alert, *rest, **more)

    def merge_ours(records: Sequence[Record], alert: Alert, *rest: Any, **more: Any) -> Recording:
        ours.append(fingerprints.index(alert.fingerprint))
        if len(ours) == 1:
            monkeypatch.setattr(world.store, "merge", merge_theirs)
            with suppress(KeyboardInterrupt):
                other.sweep.merger()
            monkeypatch.setattr(world.store, "merge", merge_ours)
        return merge(records, alert, *rest, **more)

    monkeypatch.setattr(world.store, "merge", merge_ours)

    assert world.sweep.merger() == 6 - done_by_the_other
    assert ours == tried
    assert world.store.waiting == set()


def test_one_merge_takes_more_events_than_it_reads_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merger, "READ_AT_ONCE", 4)
    for second in range(10):
        world.store.conflicts = 3
        world.ingest(finding(at=NOW + second))

    assert world.sweep.merger() == 10


def test_a_merge_that_loses_its_race_leaves_the_events_for_the_next(world: World) -> None:
    world.store.conflicts = 3
    world.ingest(finding())
    world.store.conflicts = 3

    world.next_minute()
    assert world.statuses() == {Delivery.PENDING}
    world.next_minute()

    assert world.statuses() == {Delivery.DELIVERED}


def test_an_event_that_is_merged_later_is_as_bad_as_the_rules_say_then() -> None:
    first = SeverityRule(name="first", matchers=(Matcher(Field.DETAIL, ("finding-1",), "id"),), severity=Severity.LOW)
    world = World(policy=replace(POLICY, severities=(first,), labels=("detail.id",)))
    world.store.conflicts = 3
    waiting = world.ingest(finding(severity=5.0))
    assert (waiting.event.severity, waiting.outcome.reason) == (Severity.LOW, Reason.PROCESSING)

    second = SeverityRule(name="second", matchers=first.matchers, severity=Severity.CRITICAL)
    world.policy = replace(world.policy, severities=(second,))
    world.next_minute()

    record = world.store.records[waiting.event.id]
    assert (record.event.severity, record.event.severity_by) == (Severity.CRITICAL, "rule second")
    assert record.event.source_severity is Severity.MEDIUM
    (alert,) = world.store.alerts.values()
    assert (alert.severity, alert.labels) == (Severity.CRITICAL, {"detail.id": ("finding-1",)})


def test_an_alert_that_cannot_be_merged_keeps_no_other_from_its_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.store.conflicts = 9
    broken, *others = [world.ingest(finding(number)).event.fingerprint for number in range(3)]
    merge = world.store.merge

    def fail(records: Any, alert: Alert, *rest: Any, **more: Any) -> Recording:
        if alert.fingerprint == broken:
            raise LookupError(broken)
        return merge(records, alert, *rest, **more)

    monkeypatch.setattr(world.store, "merge", fail)
    with pytest.raises(ExceptionGroup):
        world.next_minute()

    merged = {record.event.fingerprint for record in world.store.records.values() if record.outcome.deliveries}
    assert merged == set(others)
    assert len(world.sent()) == 2


def test_an_alert_that_cannot_be_read_keeps_no_other_from_its_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprints = [world.ingest(finding(number)).event.fingerprint for number in range(2)]
    world.store.conflicts = 6
    for number in range(2):
        world.ingest(finding(number, at=NOW + 1))
    find = world.store.alert

    def fail(fingerprint: str) -> Alert | None:
        if fingerprint == fingerprints[0]:
            raise LookupError(fingerprint)
        return find(fingerprint)

    monkeypatch.setattr(world.store, "alert", fail)
    with pytest.raises(ExceptionGroup):
        world.next_minute()

    assert [world.store.alerts[each].count for each in fingerprints] == [1, 2]


def an_alert_that_cannot_be_merged(
    world: World, monkeypatch: pytest.MonkeyPatch, events: int, seconds: int = 0
) -> None:
    """Store events of one alert alone, and one of another; to merge the first fails after so many seconds."""
    monkeypatch.setattr(merger, "READ_AT_ONCE", 4)
    for second in range(events):
        world.store.conflicts = 3
        broken = world.ingest(finding(at=NOW + second)).event.fingerprint
    world.store.conflicts = 3
    world.ingest(finding(2))
    write = world.store.merge

    def fail(records: Sequence[Record], alert: Alert, *args: Any, **options: Any) -> Recording:
        if alert.fingerprint == broken:
            world.clock.time += seconds
            raise LookupError(broken)
        return write(records, alert, *args, **options)

    monkeypatch.setattr(world.store, "merge", fail)


def test_a_busy_alert_that_cannot_be_merged_does_not_block_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_alert_that_cannot_be_merged(world, monkeypatch, events=40)

    with pytest.raises(ExceptionGroup):
        world.next_minute()

    assert len(world.sent()) == 1


def test_an_alert_that_takes_long_to_fail_is_tried_once_in_a_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_alert_that_cannot_be_merged(world, monkeypatch, events=64, seconds=10)

    with pytest.raises(ExceptionGroup):
        world.next_minute()

    assert len(world.sent()) == 1
