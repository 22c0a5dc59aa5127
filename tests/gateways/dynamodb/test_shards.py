"""Events in three shards, and those of versions that know four: none is lost, listed twice or stored twice."""

import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Record, Recording
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb import DynamoEventStore, DynamoLedger, DynamoTable, items
from chalicelib.gateways.dynamodb.expressions import ABSENT, encode
from chalicelib.gateways.dynamodb.hour_index import SINCE
from chalicelib.gateways.dynamodb.shards import (
    FOURTH,
    LONGEST_RUN,
    REMEMBERED_FOR,
    THREE,
    THREE_FROM,
    ShardWriter,
    outside_fourth,
)
from tests.domain.given import NOON, an_alert, an_event
from tests.examples import examples
from tests.gateways.dynamodb.stores import KEPT, Store, a_record, abridged, dynamodb_store
from tests.gateways.dynamodb.test_event_store_contract import assert_walks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOUR = 3_600


def an_event_at(number: int, at: int, received_at: int = NOON) -> Event:
    return an_event(at, id=f"{at:010d}-{digest(str(number))}", received_at=received_at)


def of_the_fourth(at: int, received_at: int = NOON) -> Event:
    """Return an event that an older version stores in the fourth shard."""
    events = (an_event_at(number, at, received_at) for number in range(1_000))
    return next(event for event in events if items.event_key(event.id)["pk"] == FOURTH)


def recorded(event: Event) -> Record:
    return replace(a_record(event), event=event)


@dataclasses.dataclass
class Hub:
    """A table with instances of this version and of one that knows nothing of three shards."""

    empty: Store
    table: DynamoTable

    def instance(self) -> DynamoLedger:
        """Return what a function instance begins with that knows of the change, as of NOON if it is the first."""
        ledger = DynamoLedger(self.table, KEPT)
        ledger.with_stored_id(an_event(NOON))
        return ledger

    def store(self) -> Store:
        """Return the store with a reader that has read nothing yet."""
        return dataclasses.replace(self.empty, archive=DynamoEventStore(self.table, self.empty.clock))

    def listed(self, query: EventQuery, now: int = NOON) -> tuple[Record, ...]:
        """Return a page, by a reader that has read nothing yet."""
        return self.store().archive.page(query, now).items

    def add(self, event: Event, instance: DynamoLedger | None = None) -> Record:
        """Store an event as ingestion does."""
        ledger = instance or self.instance()
        record = recorded(ledger.with_stored_id(event))
        assert ledger.keep_unmerged(record) is Recording.RECORDED
        return record

    def add_as_before(self, event: Event) -> Record:
        """Store an event as an older version does, which has written since when it writes hour_index."""
        self.table.put(encode({**SINCE, "at": event.received_at}), ABSENT)
        self.table.put(items.event_item(recorded(event)))
        return recorded(event)

    def add_after_rollback(self, event: Event) -> Record:
        """Store an event as an older version does that is back."""
        self.table.put(items.event_item(recorded(event)))
        return recorded(event)

    @property
    def three_from(self) -> int:
        """The time that all agree on."""
        since = self.table.get(SINCE)
        assert since is not None
        return int(since[THREE_FROM]["N"])

    @contextmanager
    def queries(self) -> Iterator[list[str]]:
        """Collect the shards that are queried."""
        shards: list[str] = []

        def note(params: dict[str, bytes], **_: object) -> None:
            shards.extend(name for name in items.EVENTS if name.encode() in params["body"])

        self.table.client.meta.events.register("before-call.dynamodb.Query", note, unique_id="shards")
        yield shards
        self.table.client.meta.events.unregister("before-call.dynamodb.Query", unique_id="shards")


@pytest.fixture
def new_hub(client: "DynamoDBClient") -> Callable[[], Hub]:
    def made() -> Hub:
        store = dynamodb_store(client)
        return Hub(store, cast("DynamoEventStore", store.archive).table)

    return made


@pytest.fixture
def hub(new_hub: Callable[[], Hub]) -> Hub:
    return new_hub()


# --- Ids


@given(st.integers(0, 9_999_999_999), st.text(max_size=40))
def test_no_id_is_of_the_fourth_shard_and_each_keeps_its_time(at: int, rest: str) -> None:
    event_id = f"{at:010d}-{rest}"
    stored = outside_fourth(event_id)
    assert items.event_key(stored)["pk"] in THREE
    assert stored[:11] == event_id[:11]
    assert outside_fourth(stored) == stored
    assert (stored == event_id) is (items.event_key(event_id)["pk"] in THREE)


def test_each_of_three_shards_has_a_third() -> None:
    ids = (outside_fourth(an_event_at(number, NOON + number).id) for number in range(3_000))
    shares = Counter(items.event_key(each)["pk"] for each in ids)
    assert shares.keys() == set(THREE)
    assert all(900 < count < 1_100 for count in shares.values())


@pytest.mark.parametrize("event", [an_event(), of_the_fourth(NOON)])
def test_an_event_is_stored_once_and_found_by_the_id_it_came_with(store: Store, event: Event) -> None:
    named = store.ledger.with_stored_id(event)
    assert named == store.ledger.with_stored_id(event) == replace(event, id=named.id)
    assert store.ledger.record(recorded(named), an_alert(named), ()) is Recording.RECORDED
    again = recorded(store.ledger.with_stored_id(event))
    assert store.ledger.record(again, store.alert_of(event), ()) is Recording.DUPLICATE
    assert store.archive.find(event.id) == store.archive.find(named.id) == again


# --- The change


def test_a_new_table_has_three_shards_from_the_first_event_on(hub: Hub) -> None:
    records = [hub.add(of_the_fourth(NOON)), hub.add(an_event(NOON - DAY))]
    assert hub.three_from == 0
    with hub.queries() as shards:
        assert hub.listed(EventQuery()) == tuple(map(abridged, records))
    assert shards == list(THREE)


def test_where_there_are_events_ids_change_once_all_know_of_it(hub: Hub) -> None:
    hub.add_as_before(an_event(NOON))
    before, after = of_the_fourth(NOON + DAY + HOUR, NOON + HOUR), of_the_fourth(NOON + 2 * DAY, NOON + 2 * DAY)
    assert hub.instance().with_stored_id(before) == before
    assert DAY + HOUR < hub.three_from - NOON <= DAY + 2 * HOUR
    assert hub.instance().with_stored_id(after).id == outside_fourth(after.id) != after.id
    assert hub.add_as_before(before).event == before  # whoever is still of the older version
    assert hub.instance().keep_unmerged(recorded(hub.instance().with_stored_id(before))) is Recording.DUPLICATE


def test_the_fourth_shard_is_read_only_by_who_comes_to_what_it_has(hub: Hub) -> None:
    now = NOON + 3 * DAY
    older = [hub.add_as_before(of_the_fourth(NOON - number)) for number in range(3)]
    instance = hub.instance()
    newer = [hub.add(of_the_fourth(now + number, now), instance) for number in range(60)]
    everything = tuple(map(abridged, (*reversed(newer), *older)))
    for query, found, is_read in (
        (EventQuery(limit=50), everything[:50], False),
        (EventQuery(limit=50, start=NOON + 2 * DAY, direction=Direction.ASC), everything[59:9:-1], False),
        (EventQuery(limit=63), everything, True),
        (EventQuery(end=NOON), everything[60:], True),
        (EventQuery(limit=2, direction=Direction.ASC), everything[:60:-1], True),
    ):
        with hub.queries() as shards:
            assert hub.listed(query, now) == found
        assert (FOURTH in shards) is is_read
    assert_walks(hub.store(), EventQuery(limit=7), everything)


def test_while_nobody_has_written_since_the_update_all_is_read(hub: Hub) -> None:
    records = [hub.add_as_before(of_the_fourth(NOON)), hub.add_as_before(an_event(NOON - 1))]
    assert hub.listed(EventQuery()) == tuple(map(abridged, records))


@pytest.mark.parametrize("is_new", [True, False])
def test_instances_that_begin_at_once_agree(hub: Hub, *, is_new: bool) -> None:
    if not is_new:
        hub.add_as_before(an_event(NOON))
    others: list[int] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(-1)
            others[0] = ShardWriter().three_from(hub.table, NOON + 9 * HOUR)

    write, emitter = "PutItem" if is_new else "UpdateItem", hub.table.client.meta.events
    emitter.register(f"before-call.dynamodb.{write}", overtake, unique_id="race")
    agreed = ShardWriter().three_from(hub.table, NOON)
    emitter.unregister(f"before-call.dynamodb.{write}", unique_id="race")
    assert [agreed] == others == [hub.three_from]
    assert (hub.three_from == 0) is is_new


# --- Back to an older version, and on again


def test_what_an_older_version_stored_meanwhile_is_listed_and_known(hub: Hub) -> None:
    hub.add_as_before(an_event(NOON))
    hub.instance()
    later = NOON + 9 * DAY
    record = hub.add_after_rollback(of_the_fourth(later - DAY, later - DAY))
    reader = hub.store().archive
    assert len(reader.page(EventQuery(), later).items) == 1

    returned = DynamoLedger(hub.table, KEPT)
    again = returned.with_stored_id(replace(record.event, received_at=later))
    assert hub.three_from > later + DAY
    assert again.id == record.event.id == hub.instance().with_stored_id(again).id
    assert returned.keep_unmerged(recorded(again)) is Recording.DUPLICATE
    assert reader.page(EventQuery(limit=1), later + REMEMBERED_FOR).items == (abridged(record),)


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_what_had_its_new_id_before_an_older_version_was_back_keeps_it(hub: Hub, *, is_forgotten: bool) -> None:
    hub.add_as_before(an_event(NOON))
    hub.instance()
    later = NOON + 9 * DAY
    event = of_the_fourth(later, later)
    record = hub.add(event)
    assert record.event.id != event.id

    if is_forgotten:
        hub.table.delete(SINCE)
    else:
        hub.add_after_rollback(of_the_fourth(later + 1, later + 1))
    returned = DynamoLedger(hub.table, KEPT)
    again = returned.with_stored_id(event)

    assert hub.three_from > later + DAY
    assert again.id == record.event.id
    assert returned.keep_unmerged(recorded(again)) is Recording.DUPLICATE


@pytest.mark.parametrize("seconds", [REMEMBERED_FOR, LONGEST_RUN])
def test_who_began_beside_the_last_of_an_older_version_agrees_with_others_soon(hub: Hub, seconds: int) -> None:
    hub.add_as_before(an_event(NOON))
    hub.instance()
    later = NOON + 9 * DAY
    early = DynamoLedger(hub.table, KEPT)
    early.with_stored_id(an_event(later, received_at=later))
    stored = hub.add_after_rollback(of_the_fourth(later + 1, later + 1)).event

    again = early.with_stored_id(replace(stored, received_at=later + seconds))

    assert again.id == stored.id
    assert hub.three_from > later + DAY


def test_who_has_run_for_longer_than_any_older_one_reads_the_time_no_more(hub: Hub) -> None:
    hub.add_as_before(an_event(NOON))
    later = NOON + 9 * DAY
    instance = hub.instance()
    for at in (later, later + LONGEST_RUN, later + 2 * LONGEST_RUN):
        with hub.queries() as shards:
            instance.with_stored_id(an_event(at, received_at=at))
        assert shards == [FOURTH] * (at == later)


# --- Any events of any times


@pytest.mark.parametrize("client", ["moto"], indirect=True)
@examples(0.1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chance=st.randoms(use_true_random=False),
    count=st.integers(0, 12),
    direction=st.sampled_from(Direction),
    limit=st.integers(1, 5),
)
def test_pages_lead_through_the_change_and_back(
    new_hub: Callable[[], Hub], chance: random.Random, count: int, direction: Direction, limit: int
) -> None:
    hub = new_hub()
    records = [hub.add_as_before(an_event(NOON))]
    instance = hub.instance()
    three_from = hub.three_from
    for number in range(count):
        event = an_event_at(number, three_from + chance.randint(-3, 3))
        is_older = event.published_at < three_from and chance.random() < 0.5
        records.append(hub.add_after_rollback(event) if is_older else hub.add(event, instance))
    found = sorted(map(abridged, records), key=lambda each: each.event.id, reverse=direction is Direction.DESC)
    assert_walks(hub.store(), EventQuery(limit=limit, direction=direction), found)
    assert list(hub.store().archive.between(0, three_from + 9)) == sorted(found, key=lambda each: each.event.id)
