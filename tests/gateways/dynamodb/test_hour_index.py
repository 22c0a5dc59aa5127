"""Rare events are found in the hours that have them, and none is ever overlooked."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb.expressions import Item
from chalicelib.gateways.dynamodb.hour_index import COMPLETE_AFTER, HOUR, LONGEST_VALUE, SINCE
from chalicelib.gateways.dynamodb.table import DynamoTable
from tests.domain.given import NOON, an_event
from tests.examples import examples
from tests.gateways.dynamodb.stores import KEPT, Store, a_record, abridged, an_unmerged, dynamodb_store
from tests.gateways.dynamodb.test_dynamodb import reads
from tests.gateways.dynamodb.test_event_store_contract import assert_walks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RARE = "me-south-1"
BEGINNING = NOON - 30 * DAY


def an_event_at(number: int, at: int, **changes: str) -> Event:
    return an_event(at, id=f"{at:010d}-{digest(str(number))}", **changes)


def begin(store: Store) -> Record:
    """Store an event from long ago, since when all are known by their hours."""
    record = an_unmerged(an_event_at(0, BEGINNING))
    store.ledger.keep_unmerged(record)
    return record


def stored(store: Store, events: Iterator[Event] | list[Event]) -> list[Record]:
    records = [begin(store), *map(an_unmerged, events)]
    for record in records[1:]:
        store.ledger.keep_unmerged(record)
    return records


def fitting(records: list[Record], query: EventQuery) -> list[Record]:
    found = [
        each
        for each in records
        if query.matches(each)
        and (query.start is None or each.event.published_at >= query.start)
        and (query.end is None or each.event.published_at <= query.end)
    ]
    ordered = sorted(found, key=lambda each: each.event.id, reverse=query.direction is Direction.DESC)
    return [abridged(each) for each in ordered]


def items_of(client: "DynamoDBClient") -> tuple[str, list[Item]]:
    (table,) = client.list_tables()["TableNames"]
    return table, list(client.scan(TableName=table)["Items"])


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("sought", ["region", "source", "kind"])
def test_a_rare_event_is_found_by_what_nothing_else_has(store: Store, sought: str, direction: Direction) -> None:
    events = [an_event_at(number, NOON + number * HOUR // 2) for number in range(1, 20)]
    rare = replace(events[9], **{sought: "rare"})
    records = stored(store, [*events[:9], rare, *events[10:]])
    for value in ("rare", "none", getattr(events[0], sought)):
        query = replace(EventQuery(direction=direction, limit=4), **{sought: value})
        assert_walks(store, query, fitting(records, query))


@pytest.mark.parametrize("value", ["x" * (LONGEST_VALUE + 9), "a#b", "\u00e9"])
def test_a_value_of_any_text_is_found(store: Store, value: str) -> None:
    stored(store, [an_event_at(1, NOON), an_event_at(2, NOON + HOUR, source=value)])
    (found,) = store.archive.page(EventQuery(source=value, end=NOON + 9 * HOUR), NOON).items
    assert found.event.source == value


def test_a_page_of_rare_events_reads_their_hours_alone(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    events = [an_event_at(number, NOON + number * HOUR) for number in range(48)]
    stored(store, [*events, *(replace(events[at], id=f"{events[at].id}0", region=RARE) for at in (7, 40))])
    with reads(client) as counts:
        assert len(store.archive.page(EventQuery(region=RARE, start=NOON), NOON).items) == 2
    assert sum(counts) == 2 + 4  # the hours, and in each of them two events


def test_of_two_values_those_hours_are_read_that_have_both(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    stored(
        store,
        [
            an_event_at(1, NOON, region=RARE),
            an_event_at(2, NOON + DAY, kind="stack"),
            an_event_at(3, NOON + 2 * DAY, region=RARE, kind="stack"),
        ],
    )
    with reads(client) as counts:
        assert len(store.archive.page(EventQuery(region=RARE, kind="stack", start=NOON), NOON).items) == 1
    assert sum(counts) == 4 + 1


def test_many_hours_apart_are_a_bounded_number_of_queries(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.gateways.dynamodb.hour_index.MOST_STRETCHES", 3)
    store = dynamodb_store(client)
    records = stored(store, [an_event_at(number, NOON + 2 * number * HOUR, region=RARE) for number in range(8)])
    for direction in Direction:
        query = EventQuery(region=RARE, start=NOON, direction=direction, limit=50)
        with reads(client) as counts:
            assert list(store.archive.page(query, NOON).items) == fitting(records, query)
        assert len(counts) == 1 + 3 * 3


def test_events_of_before_anything_was_known_of_hours_are_found(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    old = [an_event_at(1, BEGINNING, region=RARE), an_event_at(2, BEGINNING + COMPLETE_AFTER, region=RARE)]
    records = stored(store, [*old, *(an_event_at(n, NOON + n * HOUR, region=RARE) for n in range(3, 6))])
    table, items = items_of(client)
    for item in items:
        if item["pk"]["S"].startswith("SEEN#") and int(item["sk"]["S"]) < NOON:
            client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    for direction in Direction:
        query = EventQuery(region=RARE, direction=direction, limit=2)
        assert_walks(store, query, fitting(records, query))


def test_where_nobody_knows_since_when_hours_are_known_all_of_them_are_read(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    records = stored(store, [an_event_at(1, NOON, region=RARE)])
    table, items = items_of(client)
    for item in items:
        if item["pk"]["S"].startswith("SEEN"):
            client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    query = EventQuery(region=RARE)
    assert list(store.archive.page(query, NOON).items) == fitting(records, query)


def test_who_keeps_an_event_of_before_does_not_say_that_hours_were_known_then(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    old, hidden = stored(store, [an_event_at(1, NOON, region=RARE)])
    table, items = items_of(client)
    for item in items:
        if item["pk"]["S"].startswith("SEEN"):
            client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    store.retention.extend(old.event, NOON + 2 * KEPT)
    assert store.archive.page(EventQuery(region=RARE), NOON).items == (abridged(hidden),)


@pytest.mark.parametrize("method", ["record", "keep_unmerged"])
def test_who_dies_before_an_event_is_stored_leaves_its_hour_and_no_event(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    store = dynamodb_store(client)
    begin(store)
    record, honest = a_record(an_event_at(1, NOON, region=RARE)), DynamoTable.put

    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    def put(table: DynamoTable, item: Item, *rest: Any) -> bool:
        return die() if item["pk"]["S"].startswith("EVENTS#") else honest(table, item, *rest)

    monkeypatch.setattr(DynamoTable, "transact", die)
    monkeypatch.setattr(DynamoTable, "put", put)
    with suppress(KeyboardInterrupt):
        more = (store.alert_of(record.event), ()) if method == "record" else ()
        getattr(store.ledger, method)(record, *more)
    monkeypatch.undo()
    assert f"SEEN#region#{RARE}" in {each["pk"]["S"] for each in items_of(client)[1]}
    assert store.archive.page(EventQuery(region=RARE), NOON).items == ()
    store.add(record)
    assert store.archive.page(EventQuery(region=RARE), NOON).items == (abridged(record),)


def test_an_hour_is_written_once_by_each_instance(client: "DynamoDBClient") -> None:
    store, written = dynamodb_store(client), list[str]()
    client.meta.events.register(
        "before-call.dynamodb.UpdateItem",
        lambda params, **_: written.append("hour index") if b"SEEN#" in params["body"] else None,
    )
    stored(store, [an_event_at(number, NOON + number) for number in range(9)])
    assert len(written) == 3 + 3  # region, source and kind, in the hour of the first event and in that of the others


def test_an_hour_is_known_for_longer_than_any_of_its_events_is_kept(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    record, *_ = stored(store, [])
    late = replace(an_unmerged(an_event_at(1, BEGINNING + 9, region=RARE)), expired_at=NOON + 2 * KEPT)
    store.ledger.keep_unmerged(late)
    store.retention.extend(record.event, NOON + 3 * KEPT)
    kept = {each["pk"]["S"]: int(each["expired_at"]["N"]) for each in items_of(client)[1] if "#" in each["pk"]["S"]}
    assert kept[f"SEEN#region#{RARE}"] > NOON + 2 * KEPT
    assert kept["SEEN#region#eu-west-1"] > NOON + 3 * KEPT


def test_who_knows_too_many_hours_forgets_them(client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.gateways.dynamodb.hour_index.MOST_REMEMBERED", 6)
    store = dynamodb_store(client)
    records = stored(store, [an_event_at(number, NOON + number * HOUR) for number in range(5)])
    query = EventQuery(kind="alarm")
    assert list(store.archive.page(query, NOON).items) == fitting(records, query)
    (since,) = (each for each in items_of(client)[1] if each["pk"]["S"] == SINCE["pk"])
    assert int(since["at"]["N"]) == records[0].event.received_at


queries = st.builds(
    EventQuery,
    region=st.sampled_from(["", "eu-west-1", RARE]),
    source=st.sampled_from(["", "aws.cloudwatch", "custom.rare"]),
    account=st.sampled_from(["", "", "111122223333"]),
    start=st.none() | st.integers(BEGINNING - DAY, NOON + 9 * DAY),
    end=st.none() | st.just(-1) | st.integers(BEGINNING - DAY, NOON + 9 * DAY),
    direction=st.sampled_from(Direction),
    limit=st.integers(1, 6),
)


@pytest.mark.parametrize("new_store", ["moto"], indirect=True)
@examples(0.1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chance=st.randoms(use_true_random=False),
    hours=st.lists(st.integers(0, 40 * 24), max_size=9),
    requested=st.lists(queries, min_size=2, max_size=2),
)
def test_pages_lead_through_any_hours_and_back(
    new_store: Callable[[], Store], chance: random.Random, hours: list[int], requested: list[EventQuery]
) -> None:
    store = new_store()
    events = [
        an_event_at(
            number,
            BEGINNING + hour * HOUR + chance.randrange(HOUR),
            region=chance.choice(["eu-west-1", RARE]),
            source=chance.choice(["aws.cloudwatch", "custom.rare"]),
        )
        for number, hour in enumerate(hours, 1)
    ]
    records = stored(store, events)
    for query in requested:
        assert_walks(store, query, fitting(records, query))
