"""What every ledger promises: the fake that other tests rely on, moto's, and AWS's own DynamoDB Local."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import (
    Delivery,
    Outcome,
    Reason,
    Record,
    Recording,
    completed,
    notifications_of,
    record_announcement,
)
from chalicelib.domain.notifications.unmerged_events import records_of
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.text import digest
from tests.domain.given import NOON, an_alert, an_event
from tests.gateways.dynamodb.stores import Store, a_pending, a_record, an_unmerged, fake_store

# --- The ledger


def test_a_recorded_event_comes_back_whole(store: Store) -> None:
    event = an_event(
        resources=tuple(f"arn:aws:sqs:eu-west-1:111122223333:queue-{n}" for n in range(5)),
        link="https://console.aws.amazon.com/cloudwatch/home",
        detail={"deep": [1, 2.5, None, True, {"ключ": "значение\n\t\u2028"}], "empty": {}, "": ""},
    )
    record = a_record(event, outcome=Outcome(reason=Reason.STEP, by="all", deliveries={"monitoring": Delivery.FAILED}))
    store.add(record)
    assert store.archive.find(event.id) == record


def test_the_emptiest_event_comes_back_too(store: Store) -> None:
    blank: dict[str, Any] = dict.fromkeys(("source", "detail_type", "account", "region", "resource", "link"), "")
    event = an_event(severity=Severity.UNKNOWN, signal=Signal.NOTICE, received_at=0, detail=None, **blank)
    record = a_record(event, change=None, updated_at=0)
    store.add(record)
    assert store.archive.find(event.id) == record


def test_an_alert_comes_back_as_it_was_written_one_version_on(store: Store) -> None:
    event = an_event()
    alert = record_announcement(an_alert(event), Outcome.pending(Reason.FIRST, ["monitoring", "security"], "all"), NOON)
    alert, _ = alert.observe(an_event(NOON + 1, severity=Severity.CRITICAL))
    alert = record_announcement(alert, Outcome.pending(Reason.WORSENED, ["security"], "all"), NOON + 1)
    assert alert.announcement is not None
    assert alert.announcement.behind == ("monitoring",)
    alert = alert.counting(event, [900, 3_600], [900, 3_600])
    store.ledger.record(a_record(event), alert, ())
    assert store.ledger.alert(event.fingerprint) == replace(alert, version=1)


def test_an_alert_that_nobody_wrote_is_none(store: Store) -> None:
    assert store.ledger.alert("unheard of") is None


def test_an_alert_is_read_however_old_it_is(store: Store) -> None:
    event = an_event(0)
    store.add(a_record(event))
    assert store.ledger.alert(event.fingerprint) == replace(an_alert(event), version=1)


def test_what_is_enqueued_is_pending_with_the_event(store: Store) -> None:
    (pending,) = store.enqueue(an_event(), "monitoring")
    assert store.outbox.pending("monitoring", 10) == [pending]


def test_a_second_delivery_is_a_duplicate_even_if_its_alert_has_moved_on(store: Store) -> None:
    record = a_record(an_event())
    stale = an_alert(record.event)
    store.ledger.record(record, stale, ())
    again = replace(record, change=Change.REPEATED)
    assert store.ledger.record(again, stale, ()) is Recording.DUPLICATE
    assert store.archive.find(record.event.id) == record


def test_a_duplicate_never_replaces_what_is_stored(store: Store) -> None:
    """Large content lies in an item of its own, which is put before the event's."""
    noise = " ".join(digest(str(number)) for number in range(2_000))
    first, other, second = (
        a_record(an_event(id=f"{NOON:010d}-{name * 32}", detail={"text": f"{text} {noise}"}))
        for name, text in (("a", "first"), ("b", "other"), ("a", "second"))
    )
    store.add(first)
    store.add(other)

    assert store.ledger.record(second, an_alert(second.event), ()) is Recording.DUPLICATE
    assert store.archive.find(first.event.id) == first


@pytest.mark.parametrize("version", [0, 7])
def test_who_loses_the_race_for_an_alert_writes_nothing(store: Store, version: int) -> None:
    first, second = an_event(), an_event(NOON + 1)
    store.add(a_record(first))
    before = store.ledger.alert(first.fingerprint)
    late = replace(an_alert(first, second), version=version)
    record = a_record(second, "monitoring")
    pending = notifications_of(late, second, record.outcome, NOON)
    assert store.ledger.record(record, late, pending) is Recording.CONFLICT
    assert store.archive.find(second.id) is None
    assert store.outbox.pending("monitoring", 10) == []
    assert store.ledger.alert(first.fingerprint) == before


def test_an_alert_counts_each_event_once_however_many_write_at_a_time(atomic_store: Store) -> None:
    store, events = atomic_store, [an_event(NOON + n) for n in range(8)]

    def record_twice(event: Event) -> list[Recording]:
        return [record_until_done(store, event), record_until_done(store, event)]

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(record_twice, events))
    assert results == [[Recording.RECORDED, Recording.DUPLICATE]] * 8
    alert = store.ledger.alert(events[0].fingerprint)
    assert alert is not None
    assert (alert.total, alert.version) == (8, 8)


def record_until_done(store: Store, event: Event) -> Recording:
    while True:
        result = store.ledger.record(a_record(event), store.alert_of(event), ())
        if result is not Recording.CONFLICT:
            return result


def test_injected_conflicts_lose_as_many_races() -> None:
    store = fake_store()
    store.ledger.conflicts = 2  # type: ignore[attr-defined]  # it is the fake
    event = an_event()
    results = [store.ledger.record(a_record(event), an_alert(event), ()) for _ in range(3)]
    assert results == [Recording.CONFLICT, Recording.CONFLICT, Recording.RECORDED]


# --- Unfolded events


def test_an_unfolded_event_waits_whole_and_is_listed_as_pending(store: Store) -> None:
    record = an_unmerged(an_event(detail={"some": "detail"}))
    assert store.ledger.keep_unmerged(record) is Recording.RECORDED
    assert store.waiting() == [record]
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed.outcome.status is Delivery.PENDING
    assert store.ledger.alert(record.event.fingerprint) is None


def test_an_event_is_kept_once_folded_or_not(store: Store) -> None:
    record = an_unmerged(an_event())
    store.ledger.keep_unmerged(record)
    assert store.ledger.keep_unmerged(record) is Recording.DUPLICATE
    assert store.ledger.record(record, an_alert(record.event), ()) is Recording.DUPLICATE


def test_folding_gives_events_their_outcomes_and_the_alert_its_count(store: Store) -> None:
    records = [an_unmerged(an_event(NOON + n)) for n in range(40)]
    for record in records:
        store.ledger.keep_unmerged(record)
    alert = an_alert(*(record.event for record in records))
    merged = [merge(record, NOON + 100) for record in records]
    pending = notifications_of(alert, records[0].event, merged[0].outcome, NOON + 100)
    assert store.merge(merged, alert, pending) is Recording.RECORDED
    assert store.waiting() == []
    assert [store.archive.find(record.event.id) for record in records] == merged
    assert store.ledger.alert(alert.fingerprint) == replace(alert, version=1)
    assert store.outbox.pending("monitoring", 10) == list(pending)


def merge(record: Record, at: int) -> Record:
    outcome = Outcome.pending(Reason.FIRST, ["monitoring"], "all")
    return replace(record, outcome=outcome, change=Change.OPENED, updated_at=at)


def test_folding_writes_how_bad_an_event_is_by_the_rules_of_then(store: Store) -> None:
    record = an_unmerged(an_event(severity=Severity.LOW, severity_by="rule a", source_severity=Severity.HIGH))
    store.ledger.keep_unmerged(record)
    by_source = replace(record.event, severity=Severity.HIGH, severity_by="", source_severity=Severity.UNKNOWN)
    merged = replace(merge(record, NOON + 100), event=by_source)
    store.merge([merged], an_alert(by_source))
    assert store.archive.find(record.event.id) == merged


def test_an_alert_keeps_its_labels(store: Store) -> None:
    labels = {"alarm_tag.team": ("payments",), "detail.a.b": ("1", "2")}
    event = an_event(labels=labels)
    store.add(a_record(event))
    assert store.alert_of(event).labels == labels


def test_an_event_is_folded_once_and_with_it_all_or_none(store: Store) -> None:
    first, second = an_unmerged(an_event()), an_unmerged(an_event(NOON + 1))
    store.ledger.keep_unmerged(first)
    known = store.unmerged.unmerged(store.unmerged.entered(10))
    store.merge([merge(first, NOON)], an_alert(first.event))
    store.ledger.keep_unmerged(second)
    alert = store.alert_of(second.event)
    changed = [merge(first, NOON), merge(second, NOON)]
    assert store.ledger.merge(changed, alert, (), merged=known) is Recording.CONFLICT
    assert store.waiting() == [second]


def test_folding_into_an_alert_that_has_moved_on_changes_nothing(store: Store) -> None:
    waiting = an_unmerged(an_event(NOON + 1))
    store.ledger.keep_unmerged(waiting)
    store.add(a_record(an_event()))
    stale = an_alert(waiting.event)
    assert store.merge([merge(waiting, NOON)], stale) is Recording.CONFLICT
    assert store.waiting() == [waiting]


def test_more_than_a_transaction_holds_is_refused_at_once(store: Store) -> None:
    records = [an_unmerged(an_event(NOON + n)) for n in range(40)]
    with pytest.raises(ValueError, match="40 events and 60 notifications"):
        store.ledger.merge(records, an_alert(records[0].event), [a_pending(n) for n in range(60)])


def test_no_more_unfolded_events_come_than_were_requested(store: Store) -> None:
    """They are read together with those that were entered beside them."""
    for n in range(9):
        store.ledger.keep_unmerged(an_unmerged(an_event(NOON + n, fingerprint=f"{n:032d}")))
    assert len(store.waiting(5)) == 5


def test_what_got_company_since_it_was_read_is_merged_as_it_is_then(store: Store) -> None:
    first, second = an_unmerged(an_event()), an_unmerged(an_event(NOON + 1))
    store.ledger.keep_unmerged(first)
    known = store.unmerged.unmerged(store.unmerged.entered(10))
    store.ledger.keep_unmerged(second)
    assert store.ledger.merge((), an_alert(first.event), (), merged=known) is Recording.CONFLICT

    now = store.unmerged.unmerged_now(known)
    assert records_of(now) == [first]
    assert store.ledger.merge((), an_alert(first.event), (), merged=now) is Recording.RECORDED
    assert store.waiting() == [second]
    assert store.unmerged.unmerged_now(known) == []


def test_a_part_can_be_merged_and_then_the_rest(store: Store) -> None:
    records = [an_unmerged(an_event(NOON + n)) for n in range(5)]
    for each in records:
        store.ledger.keep_unmerged(each)
    (some,) = store.unmerged.unmerged(store.unmerged.entered(10))
    part, rest = some.divided(2)
    alert = an_alert(*(each.event for each in records))
    assert store.ledger.merge((), alert, (), merged=[part]) is Recording.RECORDED
    assert store.waiting() == records[2:]
    assert store.ledger.merge((), replace(alert, version=1), (), merged=[rest]) is Recording.RECORDED
    assert store.waiting() == []


# --- Hostile texts


HOSTILE = [
    "\x00\x01\x1b[31m",
    "line\nbreak\ttab\r\u2028\u202e",
    "🧨" * 500,
    "\uff35\uff2e\uff29 \u0301",
    '{"json": "\\"}',
    "#0 = :0 OR attribute_exists(pk)",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:12]) for text in HOSTILE])
def test_any_text_is_kept_as_it_is(store: Store, text: str) -> None:
    event = an_event(resources=(text, text), detail={text: [text]}, title=text[:200], resource=text[:512])
    (pending,) = store.enqueue(event, "monitoring")
    failed = completed(pending, Delivery.PENDING, NOON, text)
    store.outbox.settle([failed])
    found = store.archive.find(event.id)
    assert found is not None
    assert found.event == event
    assert store.outbox.pending("monitoring", 1) == [failed]
    (shown,) = store.archive.page(EventQuery(), NOON).items
    assert shown.event == event.abridged()
