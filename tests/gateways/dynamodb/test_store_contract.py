"""What every store promises: the fake that other tests rely on, moto's, and AWS's own DynamoDB Local."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.agents.coverage import AgentCoverage, Missed, Spend
from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.event import DAY, Event, Severity, Signal
from chalicelib.domain.notifications.notification import (
    Delivery,
    Notification,
    Outcome,
    Reason,
    Record,
    completed,
    notifications_of,
    record_announcement,
)
from chalicelib.domain.queries import Cursor, Direction, EventQuery, Page
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import digest
from chalicelib.services.ports import Recording
from tests.domain.given import NOON, an_alert, an_event
from tests.examples import examples
from tests.gateways.dynamodb.stores import KEPT, Store, a_pending, a_record, abridged, an_unfolded, fake_store

NEVER = f"{NOON:010d}-{digest('never seen')}"

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
    store.ledger.record(a_record(event), alert, ())
    assert store.ledger.alert(event.fingerprint) == replace(alert, version=1)


def test_an_alert_that_nobody_wrote_is_none(store: Store) -> None:
    assert store.ledger.alert("unheard of") is None


def test_an_alert_is_read_however_old_it_is(store: Store) -> None:
    event = an_event(0)
    store.add(a_record(event))
    assert store.ledger.alert(event.fingerprint) == replace(an_alert(event), version=1)


def test_what_is_owed_is_pending_with_the_event(store: Store) -> None:
    (pending,) = store.enqueue(an_event(), "monitoring")
    assert store.outbox.pending("monitoring", 10) == [pending]


def test_a_second_delivery_is_a_duplicate_even_if_its_alert_has_moved_on(store: Store) -> None:
    record = a_record(an_event())
    stale = an_alert(record.event)
    store.ledger.record(record, stale, ())
    again = replace(record, change=Change.REPEATED)
    assert store.ledger.record(again, stale, ()) is Recording.DUPLICATE
    assert store.archive.find(record.event.id) == record


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
    record = an_unfolded(an_event(detail={"some": "detail"}))
    assert store.ledger.keep_unmerged(record) is Recording.RECORDED
    assert store.archive.unmerged(10) == [record]
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed.outcome.status is Delivery.PENDING
    assert store.ledger.alert(record.event.fingerprint) is None


def test_an_event_is_kept_once_folded_or_not(store: Store) -> None:
    record = an_unfolded(an_event())
    store.ledger.keep_unmerged(record)
    assert store.ledger.keep_unmerged(record) is Recording.DUPLICATE
    assert store.ledger.record(record, an_alert(record.event), ()) is Recording.DUPLICATE


def test_folding_gives_events_their_outcomes_and_the_alert_its_count(store: Store) -> None:
    records = [an_unfolded(an_event(NOON + n)) for n in range(40)]
    for record in records:
        store.ledger.keep_unmerged(record)
    alert = an_alert(*(record.event for record in records))
    merged = [merge(record, NOON + 100) for record in records]
    pending = notifications_of(alert, records[0].event, merged[0].outcome, NOON + 100)
    assert store.ledger.merge(merged, alert, pending) is Recording.RECORDED
    assert store.archive.unmerged(100) == []
    assert [store.archive.find(record.event.id) for record in records] == merged
    assert store.ledger.alert(alert.fingerprint) == replace(alert, version=1)
    assert store.outbox.pending("monitoring", 10) == list(pending)


def merge(record: Record, at: int) -> Record:
    outcome = Outcome.pending(Reason.FIRST, ["monitoring"], "all")
    return replace(record, outcome=outcome, change=Change.OPENED, updated_at=at)


def test_an_event_is_folded_once_and_with_it_all_or_none(store: Store) -> None:
    first, second = an_unfolded(an_event()), an_unfolded(an_event(NOON + 1))
    store.ledger.keep_unmerged(first)
    store.ledger.keep_unmerged(second)
    store.ledger.merge([merge(first, NOON)], an_alert(first.event), ())
    alert = store.alert_of(second.event)
    assert store.ledger.merge([merge(first, NOON), merge(second, NOON)], alert, ()) is Recording.CONFLICT
    assert store.archive.unmerged(10) == [second]


def test_folding_into_an_alert_that_has_moved_on_changes_nothing(store: Store) -> None:
    waiting = an_unfolded(an_event(NOON + 1))
    store.ledger.keep_unmerged(waiting)
    store.add(a_record(an_event()))
    stale = an_alert(waiting.event)
    assert store.ledger.merge([merge(waiting, NOON)], stale, ()) is Recording.CONFLICT
    assert store.archive.unmerged(10) == [waiting]


def test_more_than_a_transaction_holds_is_refused_at_once(store: Store) -> None:
    records = [an_unfolded(an_event(NOON + n)) for n in range(40)]
    with pytest.raises(ValueError, match="40 events and 60 notifications"):
        store.ledger.merge(records, an_alert(records[0].event), [a_pending(n) for n in range(60)])


def test_no_more_unfolded_events_come_than_were_asked_for(store: Store) -> None:
    for n in range(9):
        store.ledger.keep_unmerged(an_unfolded(an_event(NOON + n)))
    assert len(store.archive.unmerged(5)) == 5


# --- The archive


@pytest.mark.parametrize("event_id", [NEVER, "", "~", "x" * 5_000, "ключ", "a\x00b", "\ud800", "' OR 1=1"])
def test_what_is_no_events_id_finds_nothing(store: Store, event_id: str) -> None:
    store.add(a_record(an_event()))
    assert store.archive.find(event_id) is None


def test_what_has_expired_is_not_there_though_still_stored(store: Store) -> None:
    event, waiting = an_event(), an_event(NOON + 1)
    store.add(a_record(event))
    store.ledger.keep_unmerged(an_unfolded(waiting))
    store.clock.time = NOON + KEPT
    assert store.archive.find(event.id) is None
    assert store.archive.page(EventQuery(), store.clock.now()).items == ()
    assert list(store.archive.between(0, NOON + DAY)) == []
    assert store.archive.unmerged(10) == []


def test_a_list_shows_events_abridged_and_their_ids_can_be_fetched(store: Store) -> None:
    record = a_record(an_event(resources=("a\nb", "b", "c", "d"), detail={"heavy": "x" * 999}))
    store.add(record)
    (by_account,) = store.archive.page(EventQuery(account=record.event.account), NOON).items
    (by_fingerprint,) = store.archive.page(EventQuery(fingerprint=record.event.fingerprint), NOON).items
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed == by_account == by_fingerprint == abridged(record)
    assert store.archive.find(listed.event.id) == record


SECONDS = [NOON - 1, NOON, NOON + 1, NOON + 2]


@pytest.mark.parametrize(
    ("start", "end", "listed"),
    [
        (NOON, None, SECONDS[1:]),
        (None, NOON + 1, SECONDS[:3]),
        (NOON, NOON, [NOON]),
        (NOON, NOON + 1, SECONDS[1:3]),
        (NOON + 1, NOON, []),
        (-5, 10**13, SECONDS),
        (10**13, None, []),
        (None, -1, []),
    ],
)
def test_start_and_end_are_inclusive_to_the_last_second(
    store: Store, start: int | None, end: int | None, listed: list[int]
) -> None:
    for second in SECONDS:
        store.ledger.keep_unmerged(an_unfolded(an_event(second)))
    query = EventQuery(start=start, end=end, direction=Direction.ASC)
    by_account = store.archive.page(replace(query, account="111122223333"), NOON)
    assert [record.event.published_at for record in by_account.items] == listed
    assert store.archive.page(query, NOON) == by_account


@pytest.mark.parametrize(
    "query",
    [
        EventQuery(account="444455556666"),
        EventQuery(region="us-east-1"),
        EventQuery(source="aws.health"),
        EventQuery(severity=Severity.CRITICAL),
        EventQuery(fingerprint="another problem"),
        EventQuery(fingerprint="another problem", account="444455556666", severity=Severity.LOW),
    ],
)
def test_each_filter_lists_what_fits_it(store: Store, query: EventQuery) -> None:
    other = an_event(
        NOON + 1,
        account="444455556666",
        region="us-east-1",
        source="aws.health",
        severity=Severity.CRITICAL,
        fingerprint="another problem",
    )
    store.add(a_record(an_event()), a_record(other))
    assert [record.event.id for record in store.archive.page(query, NOON).items] == [other.id]


@pytest.mark.parametrize("text", ["x" * 5_000, "\ud800", "a\x00"])
@pytest.mark.parametrize("name", ["account", "region", "source", "fingerprint"])
def test_a_filter_that_nothing_fits_lists_nothing(store: Store, name: str, text: str) -> None:
    store.add(a_record(an_event()))
    query = EventQuery(**{name: text})  # type: ignore[arg-type]  # all four are texts
    assert store.archive.page(query, NOON) == Page(())


def test_a_list_without_a_cursor_has_nothing_before_it_and_one_that_ends_nothing_behind(store: Store) -> None:
    for n in range(3):
        store.ledger.keep_unmerged(an_unfolded(an_event(NOON + n)))
    assert store.archive.page(EventQuery(limit=2), NOON).previous is None
    assert store.archive.page(EventQuery(limit=3), NOON).next is None


def walk(store: Store, query: EventQuery, *, forward: bool) -> Iterator[Page[Record]]:
    """Yield the pages from the query's cursor to the list's end, or back to its beginning."""
    while True:
        page = store.archive.page(query, NOON)
        yield page
        cursor = page.next if forward else page.previous
        if cursor is None:
            return
        query = replace(query, cursor=cursor)


def assert_walks(store: Store, query: EventQuery, expected: Sequence[Record]) -> None:
    """Walk to the end and back, and find the same pages: full ones, but for the last, and nothing missing."""
    pages = list(walk(store, query, forward=True))
    assert [record for page in pages for record in page.items] == list(expected)
    assert all(len(page.items) == query.limit for page in pages[:-1])
    assert pages[-1].items or len(pages) == 1
    if len(pages) > 1:
        back = list(walk(store, replace(query, cursor=pages[-1].previous), forward=False))
        assert [page.items for page in back] == [page.items for page in reversed(pages[:-1])]


def listed(records: Iterable[Record], query: EventQuery) -> list[Record]:
    fitting = (
        record
        for record in records
        if (query.start is None or record.event.published_at >= query.start)
        and (query.end is None or record.event.published_at <= query.end)
        and record.event.severity >= query.severity
        and query.account in ("", record.event.account)
        and query.fingerprint in ("", record.event.fingerprint)
    )
    ordered = sorted(fitting, key=lambda record: record.event.id, reverse=query.direction is Direction.DESC)
    return [abridged(record) for record in ordered]


def some_events(chance: random.Random, count: int) -> list[Record]:
    """Return events that share seconds, accounts and problems."""
    return [
        an_unfolded(
            an_event(
                at := NOON + chance.randrange(6),
                id=f"{at:010d}-{digest(str(n))}",
                account=chance.choice(["111122223333", "444455556666"]),
                fingerprint=chance.choice(["one", "another"]),
                severity=chance.choice(list(Severity)),
            )
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    "filters",
    [
        EventQuery(limit=6),
        EventQuery(limit=5, account="444455556666"),
        EventQuery(limit=3, fingerprint="one", start=NOON + 2),
    ],
    ids=["all", "account", "fingerprint"],
)
def test_pages_lead_through_a_list_and_back(store: Store, filters: EventQuery, direction: Direction) -> None:
    records = some_events(random.Random(7), 26)
    for record in records:
        store.ledger.keep_unmerged(record)
    query = replace(filters, direction=direction)
    assert_walks(store, query, listed(records, query))


queries = st.builds(
    EventQuery,
    start=st.none() | st.integers(NOON - 1, NOON + 6),
    end=st.none() | st.integers(NOON - 1, NOON + 6),
    account=st.sampled_from(["", "", "444455556666", "777788889999"]),
    fingerprint=st.sampled_from(["", "", "one", "nothing"]),
    severity=st.sampled_from(Severity),
    direction=st.sampled_from(Direction),
    limit=st.integers(1, 6),
)


@pytest.mark.parametrize("new_store", ["fake", "moto"], indirect=True)
@examples(0.1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chance=st.randoms(use_true_random=False), count=st.integers(0, 9), asked=st.lists(queries, min_size=2, max_size=2)
)
def test_pages_lead_through_any_list_and_back(
    new_store: Callable[[], Store], chance: random.Random, count: int, asked: list[EventQuery]
) -> None:
    store, records = new_store(), some_events(chance, count)
    for record in records:
        store.ledger.keep_unmerged(record)
    for query in asked:
        assert_walks(store, query, listed(records, query))


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("position", ["!", "~", "\x00", NEVER, "~" * 5_000])
def test_a_cursor_from_anywhere_answers_a_page_that_leads_to_all_events(
    store: Store, position: str, forward: bool
) -> None:
    events = [an_event(NOON - 1), an_event(NOON + 1)]
    for event in events:
        store.ledger.keep_unmerged(an_unfolded(event))
    for direction in Direction:
        query = EventQuery(account=events[0].account, limit=1, direction=direction, cursor=Cursor(position, forward))
        pages = [*walk(store, query, forward=True), *walk(store, query, forward=False)]
        assert {record.event.id for page in pages for record in page.items} == {event.id for event in events}


def test_behind_the_last_event_is_an_empty_page_that_leads_back(store: Store) -> None:
    store.add(record := a_record(an_event()))
    query = EventQuery(cursor=Cursor(record.event.id, forward=True))
    behind = store.archive.page(query, NOON)
    assert (behind.items, behind.next) == ((), None)
    assert store.archive.page(replace(query, cursor=behind.previous), NOON).items == (abridged(record),)


def test_before_the_first_event_is_an_empty_page_that_leads_on(store: Store) -> None:
    store.add(record := a_record(an_event()))
    query = EventQuery(cursor=Cursor(record.event.id, forward=False))
    before = store.archive.page(query, NOON)
    assert (before.items, before.previous) == ((), None)
    assert store.archive.page(replace(query, cursor=before.next), NOON).items == (abridged(record),)


def test_between_streams_all_events_of_a_time_oldest_first_without_its_end(store: Store) -> None:
    records = some_events(random.Random(3), 30)
    for record in records:
        store.ledger.keep_unmerged(record)
    wanted = EventQuery(start=NOON + 1, end=NOON + 3, direction=Direction.ASC)
    assert list(store.archive.between(NOON + 1, NOON + 4)) == listed(records, wanted)
    assert list(store.archive.between(NOON, NOON)) == []


# --- The outbox


def test_the_oldest_notifications_come_first_and_each_receivers_alone(store: Store) -> None:
    for n in (3, 1, 2):
        store.outbox.enqueue(a_pending(n))
    store.outbox.enqueue(a_pending(0, receiver="deployment"))
    assert store.outbox.pending("monitoring", 2) == [a_pending(1), a_pending(2)]
    assert store.outbox.pending("deployment", 2) == [a_pending(0, receiver="deployment")]
    assert store.outbox.pending("nobody", 2) == []


def test_what_is_at_hand_is_owed_once_and_no_longer_than_it_is_pending(store: Store) -> None:
    pending = a_pending(1)
    store.outbox.enqueue(pending)
    assert store.outbox.pending("monitoring", 10, [pending]) == [pending]
    store.outbox.settle([completed(pending, Delivery.DELIVERED, NOON)])
    assert store.outbox.pending("monitoring", 10, [pending]) == []


def test_a_notification_is_owed_once_whatever_became_of_it(store: Store) -> None:
    report = a_pending(1, body='{"events": 12}')
    assert store.outbox.enqueue(report)
    store.outbox.settle([completed(report, Delivery.DELIVERED, NOON)])
    assert not store.outbox.enqueue(replace(report, created_at=NOON + 60))
    assert store.outbox.pending("monitoring", 10) == []


@pytest.mark.parametrize("status", [Delivery.DELIVERED, Delivery.FAILED, Delivery.SUPPRESSED])
def test_settling_tells_the_event_what_became_of_its_notification(store: Store, status: Delivery) -> None:
    event = an_event()
    (pending,) = store.enqueue(event, "monitoring")
    store.outbox.settle([completed(pending, status, NOON + 60, "why")])
    record = store.archive.find(event.id)
    assert record == a_record(
        event,
        outcome=replace(Outcome.pending(Reason.FIRST, [], "everything"), deliveries={"monitoring": status}),
        updated_at=NOON + 60,
    )
    for query in (EventQuery(account=event.account), EventQuery(fingerprint=event.fingerprint)):
        (shown,) = store.archive.page(query, NOON).items
        assert shown.outcome.status is status
    assert store.outbox.pending("monitoring", 10) == []


def test_what_could_not_be_sent_keeps_its_place_and_says_why(store: Store) -> None:
    first, second = a_pending(1), a_pending(2)
    store.outbox.enqueue(first)
    store.outbox.enqueue(second)
    tried = completed(first, Delivery.PENDING, NOON + 60, "HTTP 503")
    store.outbox.settle([tried])
    assert store.outbox.pending("monitoring", 10) == [tried, second]


def test_what_is_settled_stays_as_it_is(store: Store) -> None:
    event = an_event()
    (pending,) = store.enqueue(event, "monitoring")
    store.outbox.settle([completed(pending, Delivery.DELIVERED, NOON + 60)])
    settled_once = store.archive.find(event.id)
    store.outbox.settle([completed(pending, Delivery.FAILED, NOON + 90, "a second sender")])
    assert store.archive.find(event.id) == settled_once
    assert store.outbox.count(Delivery.FAILED, ["monitoring"]) == {"monitoring": 0}


def test_one_that_is_settled_already_holds_up_no_other(store: Store) -> None:
    pending = [
        *store.enqueue(an_event(), "monitoring"),
        *store.enqueue(an_event(NOON + 1, fingerprint="b"), "monitoring"),
    ]
    store.outbox.settle([completed(pending[0], Delivery.DELIVERED, NOON)])
    store.outbox.settle([completed(each, Delivery.FAILED, NOON) for each in pending])
    assert statuses(store, pending) == [Delivery.DELIVERED, Delivery.FAILED]


def test_both_receivers_of_one_event_can_be_settled_together(store: Store) -> None:
    event = an_event()
    pending = store.enqueue(event, "monitoring", "deliveries")
    store.outbox.settle([completed(each, Delivery.DELIVERED, NOON) for each in pending])
    assert statuses(store, pending) == [Delivery.DELIVERED]
    assert store.outbox.count(Delivery.PENDING, ["monitoring", "deliveries"]) == {"monitoring": 0, "deliveries": 0}


def test_one_receiver_delivered_leaves_the_other_pending(store: Store) -> None:
    event = an_event()
    first, second = store.enqueue(event, "monitoring", "security.team of 'one'")
    store.outbox.settle([completed(first, Delivery.DELIVERED, NOON)])
    record = store.archive.find(event.id)
    assert record is not None
    assert record.outcome.deliveries == {first.receiver: Delivery.DELIVERED, second.receiver: Delivery.PENDING}
    assert store.outbox.pending(second.receiver, 10) == [second]


def test_a_notification_outlives_its_event(store: Store) -> None:
    kept, deleted = an_event(), an_event(NOON + 1, fingerprint="b")
    pending = [*store.enqueue(deleted, "monitoring"), *store.enqueue(kept, "monitoring")]
    store.delete_event(deleted.id)
    store.outbox.settle([completed(each, Delivery.DELIVERED, NOON) for each in pending])
    assert store.outbox.count(Delivery.PENDING, ["monitoring"]) == {"monitoring": 0}
    assert store.archive.find(deleted.id) is None
    assert statuses(store, pending[1:]) == [Delivery.DELIVERED]


def test_an_event_hears_nothing_of_a_receiver_it_was_not_owed_to(store: Store) -> None:
    store.add(record := a_record(an_event()))
    stray = a_pending(1, event_id=record.event.id)
    store.outbox.enqueue(stray)
    store.outbox.settle([completed(stray, Delivery.DELIVERED, NOON)])
    assert store.archive.find(record.event.id) == record
    assert store.outbox.pending("monitoring", 10) == []


def test_more_than_a_transaction_holds_is_settled_in_several(store: Store) -> None:
    pending = [a_pending(n) for n in range(60)]
    for each in pending:
        store.outbox.enqueue(each)
    store.outbox.settle([completed(each, Delivery.FAILED, NOON) for each in pending])
    assert store.outbox.count(Delivery.PENDING, ["monitoring"]) == {"monitoring": 0}
    assert store.outbox.count(Delivery.FAILED, ["monitoring", "nobody"]) == {"monitoring": 60, "nobody": 0}


def statuses(store: Store, pending: Iterable[Notification]) -> list[Delivery]:
    """Return the outcome of each event that the notifications are about, once."""
    records = map(store.archive.find, dict.fromkeys(each.event_id for each in pending))
    return [record.outcome.status for record in records if record]


# --- The roster


def test_receivers_are_remembered_once(store: Store) -> None:
    assert store.roster.names() == frozenset()
    for name in ("monitoring", "report", "monitoring"):
        store.roster.add(name)
    assert store.roster.names() == {"monitoring", "report"}


# --- The leases


def test_a_lease_is_one_senders_until_it_is_given_back(store: Store) -> None:
    lease = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert lease is not None
    assert store.leases.acquire("monitoring", NOON + 59, NOON + 99) is None
    store.leases.release(lease, NOON + 2)
    assert store.leases.acquire("monitoring", NOON + 1, NOON + 61) is None
    assert store.leases.acquire("monitoring", NOON + 2, NOON + 62) is not None


def test_each_receiver_has_a_lease_of_its_own(store: Store) -> None:
    assert store.leases.acquire("monitoring", NOON, NOON + 60)
    assert store.leases.acquire("deployment", NOON, NOON + 60)


def test_a_lapsed_lease_is_somebody_elses_and_giving_it_back_changes_nothing(store: Store) -> None:
    lapsed = store.leases.acquire("monitoring", NOON, NOON + 60)
    later = store.leases.acquire("monitoring", NOON + 60, NOON + 120)
    assert lapsed is not None
    assert later is not None
    assert later != lapsed
    store.leases.release(lapsed, 0)
    assert store.leases.acquire("monitoring", NOON + 61, NOON + 121) is None


def test_a_lease_is_given_back_once(store: Store) -> None:
    lease = store.leases.acquire("monitoring", NOON, NOON + 60)
    assert lease is not None
    store.leases.release(lease, NOON + 30)
    store.leases.release(lease, 0)
    assert store.leases.acquire("monitoring", NOON + 29, NOON + 99) is None


def test_of_many_senders_at_once_one_gets_the_lease(atomic_store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        leases = list(threads.map(lambda _: atomic_store.leases.acquire("monitoring", NOON, NOON + 60), range(24)))
    assert sum(lease is not None for lease in leases) == 1


# --- The agents


def an_agent(account: str = "111122223333", region: str = "eu-west-1", **changes: object) -> Agent:
    return replace(Agent(account=account, region=region, created_at=NOON), **changes)


def test_an_agent_comes_back_as_it_was_saved_one_revision_on(store: Store) -> None:
    agent = an_agent(
        name="Checkout",
        status=AgentStatus.ACTIVE,
        deployment="UPDATE_COMPLETE",
        deployed_at=NOON,
        stack_id="arn:aws:cloudformation:eu-west-1:111122223333:stack/monitoring-agent/1",
        coverage=AgentCoverage(
            since=NOON - 600,
            watermark=NOON,
            gaps=(Missed(window=Window(NOON - 600, NOON - 300), reason="throttled", tries=1, log_groups=("/a",)),),
            spend=Spend(day="2026-03-02", bytes=10**12),
        ),
        heartbeat_at=NOON,
        heartbeat_seconds=600,
        version="1.2.0",
        log_group_count=12,
        scan_tag="team=shop",
    )
    store.agents.save(agent)
    assert store.agents.find("111122223333", "eu-west-1") == replace(agent, revision=1)


def test_two_regions_of_an_account_are_two_agents(store: Store) -> None:
    store.agents.save(an_agent(region="eu-west-1", log_group_count=1))
    store.agents.save(an_agent(region="us-east-1", log_group_count=2))
    found = [store.agents.find("111122223333", region) for region in ("eu-west-1", "us-east-1", "eu-west-2")]
    assert [agent and agent.log_group_count for agent in found] == [1, 2, None]


def test_agents_are_listed_by_account_and_region_from_either_side(store: Store) -> None:
    for account in ("111122223333", "444455556666", "777788889999"):
        for region in ("eu-west-1", "us-east-1"):
            store.agents.save(an_agent(account, region))
    page = store.agents.page(1, account="444455556666")
    assert page.next
    further = store.agents.page(1, page.next, account="444455556666")
    assert [each.id for each in (*page.items, *further.items)] == ["444455556666-eu-west-1", "444455556666-us-east-1"]
    assert further.next is None
    assert further.previous
    assert store.agents.page(1, further.previous, account="444455556666").items == page.items
    assert [each.account for each in store.agents.page(2, region="us-east-1").items] == ["111122223333", "444455556666"]
    assert store.agents.page(2, account="444455556666", region="eu-west-2").items == ()


def test_an_agent_that_has_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    store.agents.save(an_agent())
    read = store.agents.find("111122223333", "eu-west-1")
    assert read is not None
    store.agents.save(replace(read, log_group_count=1))
    for late in (read, an_agent(), replace(read, revision=9)):
        with pytest.raises(Conflict, match="111122223333-eu-west-1"):
            store.agents.save(late)
    assert store.agents.find("111122223333", "eu-west-1") == an_agent(log_group_count=1, revision=2)


def test_a_removed_agent_is_gone_removing_it_again_is_no_error_and_saving_it_is_one(store: Store) -> None:
    store.agents.save(an_agent())
    store.agents.delete(an_agent())
    store.agents.delete(an_agent())
    assert store.agents.find("111122223333", "eu-west-1") is None
    with pytest.raises(Conflict):
        store.agents.save(an_agent(revision=1))


def test_agents_beyond_the_hundredth_are_listed_page_by_page_and_back(store: Store) -> None:
    ids = [f"{account:012d}" for account in range(110)]
    for account in reversed(ids):
        store.agents.save(an_agent(account))
    first = store.agents.page(100)
    second = store.agents.page(100, first.next)
    assert [agent.account for agent in (*first.items, *second.items)] == ids
    assert (first.previous, second.next) == (None, None)
    back = store.agents.page(100, second.previous)
    assert (back.items, back.previous) == (first.items, None)
    assert store.agents.page(100, back.next) == second


def test_agents_before_the_first_and_behind_the_last_lead_back(store: Store) -> None:
    store.agents.save(an_agent())
    (agent,) = store.agents.page(1).items
    behind = store.agents.page(1, Cursor(agent.id, forward=True))
    before = store.agents.page(1, Cursor(agent.id, forward=False))
    assert behind.items == before.items == ()
    assert store.agents.page(1, behind.previous).items == store.agents.page(1, before.next).items == (agent,)


def test_no_agents_are_an_empty_page(store: Store) -> None:
    assert store.agents.page(10) == Page(())


def test_an_accounts_name_is_its_first_named_agents(store: Store) -> None:
    store.agents.save(an_agent(region="eu-west-1"))
    store.agents.save(an_agent(region="eu-west-2", name="Checkout"))
    store.agents.save(an_agent(region="us-east-1", name="Old checkout"))
    store.agents.save(an_agent("444455556666", name="Search"))
    names = [store.names.name(account) for account in ("111122223333", "444455556666", "777788889999", "")]
    assert names == ["Checkout", "Search", "", ""]


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
