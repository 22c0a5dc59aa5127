"""What every event store promises: the fake that other tests rely on, moto's, and AWS's own DynamoDB Local."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Outcome, Reason, Record
from chalicelib.domain.notifications.unmerged_events import records_of
from chalicelib.domain.pagination import Cursor, Direction, Page
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, an_alert, an_event
from tests.examples import examples
from tests.gateways.dynamodb.stores import KEPT, Store, a_record, abridged, an_unmerged

NEVER = f"{NOON:010d}-{digest('never seen')}"


@pytest.mark.parametrize("event_id", [NEVER, "", "~", "x" * 5_000, "ключ", "a\x00b", "\ud800", "' OR 1=1"])
def test_what_is_no_events_id_finds_nothing(store: Store, event_id: str) -> None:
    store.add(a_record(an_event()))
    assert store.archive.find(event_id) is None


def test_what_has_expired_is_not_there_though_still_stored(store: Store) -> None:
    event, waiting = an_event(), an_event(NOON + 1)
    store.add(a_record(event))
    store.ledger.keep_unmerged(an_unmerged(waiting))
    store.clock.time = NOON + KEPT
    assert store.archive.find(event.id) is None
    assert store.archive.page(EventQuery(), store.clock.now()).items == ()
    assert list(store.archive.between(0, NOON + DAY)) == []
    assert store.waiting() == []


def test_a_list_shows_events_abridged_and_their_ids_can_be_fetched(store: Store) -> None:
    record = a_record(an_event(resources=("a\nb", "b", "c", "d"), detail={"heavy": "x" * 999}))
    store.add(record)
    (by_account,) = store.archive.page(EventQuery(account=record.event.account), NOON).items
    (by_fingerprint,) = store.archive.page(EventQuery(fingerprint=record.event.fingerprint), NOON).items
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed == by_account == by_fingerprint == abridged(record)
    assert store.archive.find(listed.event.id) == record


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_an_event_keeps_how_its_problem_lasts(store: Store, lifecycle: Lifecycle) -> None:
    changes: dict[str, Any] = {"lifecycle": lifecycle, "revision": "0a1b2c3d", "due_at": NOON, "intermittent": True}
    changes |= {"children": ("0a1b2c3d4e",)}
    record = a_record(an_event(**changes))
    store.add(record)
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed == abridged(record)
    assert store.archive.find(record.event.id) == record


@pytest.mark.parametrize("kilobytes", [0, 9])
def test_an_event_that_is_kept_for_longer_is_there_with_all_that_it_holds(store: Store, kilobytes: int) -> None:
    record = a_record(an_event(detail=[digest(str(number)) for number in range(kilobytes * 32)]))
    store.add(record)
    store.retention.extend(record.event, NOON + 2 * KEPT)
    store.clock.time = NOON + 2 * KEPT - 1
    assert store.archive.find(record.event.id) == replace(record, expired_at=NOON + 2 * KEPT)
    store.clock.time += 1
    assert store.archive.find(record.event.id) is None


def test_an_event_that_is_gone_is_kept_for_no_longer(store: Store) -> None:
    store.retention.extend(an_event(id=NEVER), NOON + KEPT)
    assert store.archive.find(NEVER) is None


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
        store.ledger.keep_unmerged(an_unmerged(an_event(second)))
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
        EventQuery(min_severity=Severity.CRITICAL),
        EventQuery(severities=(Severity.CRITICAL, Severity.LOW)),
        EventQuery(kind="health"),
        EventQuery(text="CHECKOUT-Q"),
        EventQuery(text="queue full"),
        EventQuery(account_name="Other", account_ids=("444455556666",)),
        EventQuery(account_name="Others", account_ids=("444455556666", "777788889999")),
        EventQuery(fingerprint="another problem"),
        EventQuery(fingerprint="another problem", account="444455556666", min_severity=Severity.LOW),
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
        kind="health",
        title="Queue full",
        resource="checkout-queue",
    )
    store.add(a_record(an_event()), a_record(other))
    assert [record.event.id for record in store.archive.page(query, NOON).items] == [other.id]


@pytest.mark.parametrize("text", ["x" * 5_000, "\ud800", "a\x00"])
@pytest.mark.parametrize("name", ["account", "region", "source", "fingerprint"])
def test_a_filter_that_nothing_fits_lists_nothing(store: Store, name: str, text: str) -> None:
    store.add(a_record(an_event()))
    query = EventQuery(**{name: text})  # type: ignore[arg-type]  # all four are texts
    assert store.archive.page(query, NOON) == Page(())


def test_the_first_page_has_no_previous_page_and_the_last_one_no_next_page(store: Store) -> None:
    for n in range(3):
        store.ledger.keep_unmerged(an_unmerged(an_event(NOON + n)))
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
        and record.event.severity >= query.min_severity
        and (not query.severities or record.event.severity in query.severities)
        and (query.account_ids is None or record.event.account in query.account_ids)
        and query.account in ("", record.event.account)
        and query.fingerprint in ("", record.event.fingerprint)
    )
    ordered = sorted(fitting, key=lambda record: record.event.id, reverse=query.direction is Direction.DESC)
    return [abridged(record) for record in ordered]


def some_events(chance: random.Random, count: int) -> list[Record]:
    """Return events that share seconds, accounts and problems."""
    return [
        an_unmerged(
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
    severities=st.lists(st.sampled_from(Severity), max_size=3).map(tuple),
    min_severity=st.sampled_from(Severity),
    account_ids=st.sampled_from([None, None, (), ("444455556666",), ("444455556666", "777788889999")]),
    direction=st.sampled_from(Direction),
    limit=st.integers(1, 6),
)


@pytest.mark.parametrize("new_store", ["fake", "moto"], indirect=True)
@examples(0.1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chance=st.randoms(use_true_random=False),
    count=st.integers(0, 9),
    requested=st.lists(queries, min_size=2, max_size=2),
)
def test_pages_lead_through_any_list_and_back(
    new_store: Callable[[], Store], chance: random.Random, count: int, requested: list[EventQuery]
) -> None:
    store, records = new_store(), some_events(chance, count)
    for record in records:
        store.ledger.keep_unmerged(record)
    for query in requested:
        assert_walks(store, query, listed(records, query))


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("position", ["!", "~", "\x00", NEVER, "~" * 5_000])
def test_a_cursor_from_anywhere_returns_a_page_that_leads_to_all_events(
    store: Store, position: str, forward: bool
) -> None:
    events = [an_event(NOON - 1), an_event(NOON + 1)]
    for event in events:
        store.ledger.keep_unmerged(an_unmerged(event))
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


@pytest.mark.parametrize("weight", [10, 3_000])
def test_what_waits_to_be_merged_is_known_well_enough_without_details(store: Store, weight: int) -> None:
    noise = "".join(random.Random(weight).choices("0123456789abcdef", k=weight))
    changes: dict[str, Any] = {"lifecycle": Lifecycle.PLANNED, "revision": "0a1b2c3d", "due_at": NOON}
    record = an_unmerged(an_event(detail={"heavy": noise}, intermittent=True, **changes))
    store.ledger.keep_unmerged(record)

    assert store.waiting() == [record]
    (known,) = records_of(store.unmerged.unmerged(store.unmerged.entered(10), with_details=False))
    assert replace(known, event=replace(known.event, detail=record.event.detail)) == record

    merged = replace(record, outcome=Outcome(reason=Reason.REPEATED), change=Change.REPEATED)
    store.merge([merged], an_alert(record.event))
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed == abridged(merged)
    assert store.archive.find(record.event.id) == merged
