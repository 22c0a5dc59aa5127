"""Ingest: stored once, decided once, announced at least once."""

from typing import Any

import pytest

from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.errors import Conflict
from chalicelib.domain.notifications.notification import Delivery, Reason, Recording
from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.ports import Retry
from tests.fakes import NOW
from tests.services.world import World, envelope, finding
from tests.sources.samples import load


@pytest.fixture
def world() -> World:
    return World()


def test_an_event_is_stored_with_its_alert_and_announced(world: World) -> None:
    record = world.ingest(finding())

    stored = world.store.records[record.event.id]
    assert stored.outcome.status is Delivery.DELIVERED
    assert world.store.alerts[record.event.fingerprint].status is Status.FIRING
    assert len(world.sent()) == 1


def test_a_second_delivery_changes_nothing(world: World) -> None:
    first = world.ingest(finding())

    second = world.ingest(finding())

    assert second.event.id == first.event.id
    assert len(world.store.records) == len(world.sent()) == 1
    assert world.store.alerts[first.event.fingerprint].count == 1


def test_a_failed_message_is_sent_when_the_event_is_delivered_again(world: World) -> None:
    """Failure 1: after one 429 the retry hits "exists", and the alert is never sent."""
    world.slack.fail("monitoring", Retry(1, "429"))
    world.ingest(finding())
    assert world.statuses() == {Delivery.PENDING}
    world.clock.sleep(2)

    world.ingest(finding())

    assert world.statuses() == {Delivery.DELIVERED}


def test_repeats_are_counted_and_announced_at_growing_steps(world: World) -> None:
    for minute in range(100):
        world.ingest(finding(at=NOW + minute))
        world.clock.sleep(60)

    (alert,) = world.store.alerts.values()
    assert alert.count == 100
    reasons = [record.outcome.reason for record in world.store.records.values() if record.outcome.deliveries]
    assert reasons == [Reason.FIRST, Reason.STEP, Reason.STEP, Reason.STEP]


def test_a_rise_in_severity_is_announced(world: World) -> None:
    world.ingest(finding(severity=5.0))

    record = world.ingest(finding(severity=9.5, at=NOW))

    assert record.outcome.reason is Reason.WORSENED


def test_the_end_is_announced_once_and_a_return_is_a_regression(world: World) -> None:
    steps = [finding(), finding(archived=True, at=NOW), finding(archived=True, at=NOW + 1), finding(at=NOW + 2)]

    reasons = [world.ingest(step).outcome.reason for step in steps]

    assert reasons == [Reason.FIRST, Reason.RESOLVED, Reason.NOTHING_TO_RESOLVE, Reason.REGRESSION]


def test_an_end_that_overtakes_its_beginning_leaves_nothing_firing(world: World) -> None:
    world.ingest(finding(archived=True, at=NOW))

    late = world.ingest(finding(at=NOW - 60))

    assert late.outcome.reason is Reason.OUTDATED
    assert [alert.status for alert in world.store.alerts.values()] == [Status.RESOLVED]


def test_what_is_mild_is_stored_and_held_back(world: World) -> None:
    record = world.ingest(finding(severity=2.0))

    assert record.outcome.reason is Reason.BELOW_MINIMUM
    assert record.outcome.status is Delivery.SUPPRESSED
    assert world.sent() == []


def test_what_nobody_understands_is_stored_and_announced(world: World) -> None:
    """Failure 18: a filter by severity must not drop what has none."""
    record = world.ingest(envelope(detail={"run": 42}))

    assert record.event.kind == "custom"
    assert record.event.detail == {"run": 42}
    assert record.outcome.reason is Reason.FIRST


def test_a_lost_race_is_decided_again(world: World) -> None:
    world.store.conflicts = 2

    record = world.ingest(finding())

    assert record.outcome.reason is Reason.FIRST
    assert world.statuses() == {Delivery.DELIVERED}


def test_an_event_of_a_busy_alert_is_stored_alone_and_folded_within_a_minute(world: World) -> None:
    world.store.conflicts = 3
    record = world.ingest(finding())
    assert (record.outcome.reason, record.outcome.status) == (Reason.PROCESSING, Delivery.PENDING)

    world.next_minute()

    assert world.statuses() == {Delivery.DELIVERED}
    assert world.store.alerts[record.event.fingerprint].count == 1


def test_a_second_delivery_that_loses_every_race_finds_the_event_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.ingest(finding())
    monkeypatch.setattr(world.store, "record", lambda *_: Recording.CONFLICT)

    second = world.ingest(finding())

    assert second.outcome == world.store.records[first.event.id].outcome
    assert len(world.store.records) == len(world.announced()) == 1


def test_an_event_that_nobody_would_store_has_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for write in ("record", "keep_unmerged"):
        monkeypatch.setattr(world.store, write, lambda *_: Recording.CONFLICT)

    with pytest.raises(Conflict, match="updated concurrently"):
        world.ingest(finding())


# --- several problems in one event


def two_findings() -> Any:
    raw = load("security_hub-two-findings") | {"time": iso(NOW - 5)}
    for each in raw["detail"]["findings"]:
        each["UpdatedAt"] = iso(NOW - 5)
    return raw


def test_each_problem_of_an_event_is_stored_and_announced(world: World) -> None:
    first = world.ingest(two_findings())

    assert len(world.store.records) == 2
    assert len({record.event.fingerprint for record in world.store.records.values()}) == 2
    assert first.event.title == "S3 buckets should block public access"


def test_an_event_with_several_problems_may_come_again(world: World) -> None:
    world.ingest(two_findings())
    stored = dict(world.store.records)

    world.ingest(two_findings() | {"id": "another"})

    assert world.store.records == stored


def test_one_problem_that_cannot_be_stored_keeps_none_of_the_others_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event comes again, and finds what is there already."""
    record, failures = world.store.record, [RuntimeError("throttled")]

    def fail_once(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return record(*arguments)

    monkeypatch.setattr(type(world.store), "record", lambda _self, *arguments: fail_once(*arguments))
    with pytest.raises(RuntimeError, match="throttled"):
        world.ingest(two_findings())
    assert len(world.store.records) == 1

    world.ingest(two_findings())
    assert len(world.store.records) == 2
