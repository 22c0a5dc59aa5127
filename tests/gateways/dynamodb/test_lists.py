"""What lists make of an index that is late, and of a table that has little of what is looked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, completed
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import AlertQuery, NotificationQuery
from chalicelib.gateways.dynamodb import alerts, table
from chalicelib.gateways.dynamodb.expressions import Item, Key
from chalicelib.gateways.dynamodb.items import alert_key
from chalicelib.gateways.dynamodb.table import DynamoTable
from tests.domain.given import NOON
from tests.gateways.dynamodb.stores import Store, a_pending, dynamodb_store
from tests.gateways.dynamodb.test_dynamodb import reads
from tests.gateways.dynamodb.test_list_contract import an_alert_of, keep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def let_the_index_be_late(monkeypatch: pytest.MonkeyPatch, *writes: object) -> None:
    """Make writes after the index was read, and before the items that it names are."""
    honest, waiting = DynamoTable.get_all, list(writes)

    def get_all(table: DynamoTable, keys: Iterable[Key]) -> list[Item]:
        named = list(keys)
        while waiting:
            waiting.pop()()  # type: ignore[operator]  # each is a write
        return honest(table, named)

    monkeypatch.setattr(DynamoTable, "get_all", get_all)


def filled(client: "DynamoDBClient", count: int) -> Store:
    """Return a store with alerts that began a second apart, the oldest of them critical."""
    store = dynamodb_store(client)
    for number in range(count):
        keep(store, an_alert_of(number, severity=Severity.CRITICAL if number == 0 else Severity.LOW))
    return store


def test_an_alert_that_has_just_moved_is_not_shown_where_it_was(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dynamodb_store(client)
    stays, moves = (keep(store, an_alert_of(number)) for number in range(2))
    let_the_index_be_late(monkeypatch, lambda: keep(store, moves.mark(TransitionKind.RESOLVED, 9)))
    assert store.alerts.page(AlertQuery(statuses=(Status.FIRING,)), 0).items == (stays,)


def test_an_alert_that_was_just_evaluated_is_not_due(client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> None:
    store = dynamodb_store(client)
    alert = keep(store, an_alert_of(1, due=5))
    let_the_index_be_late(monkeypatch, lambda: keep(store, replace(alert, due=90)))
    assert store.alerts.due(60, 10) == []


def test_a_notification_that_was_just_sent_is_not_shown_as_pending(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dynamodb_store(client)
    store.outbox.enqueue(a_pending(1))
    let_the_index_be_late(
        monkeypatch, lambda: store.outbox.settle([completed(a_pending(1), Delivery.DELIVERED, a_pending(1).created_at)])
    )
    query = NotificationQuery(statuses=(Delivery.PENDING,))
    assert store.notifications.page(query, ["monitoring"], 0).items == ()


def test_a_page_of_alerts_reads_about_a_page(client: "DynamoDBClient") -> None:
    store = filled(client, 60)
    with reads(client) as counts:
        assert len(store.alerts.page(AlertQuery(limit=10), 0).items) == 10
    assert sum(counts) <= 3 * 10


def test_a_rare_alert_is_found_in_short_pages(client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AlertQuery, "MOST_EXAMINED", 8)
    store, query = filled(client, 60), AlertQuery(min_severity=Severity.CRITICAL, direction=Direction.DESC)
    found: list[list[Alert]] = []
    while not found or query.cursor:
        page = store.alerts.page(query, 0)
        found.append(list(page.items))
        query = replace(query, cursor=page.next)
    assert [len(each) for each in found] == [0, 0, 1]


def test_a_page_of_rare_alerts_reads_those_alone_that_fit(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store, honest, read = filled(client, 60), DynamoTable.get_all, list[Item]()

    def get_all(table: DynamoTable, keys: Iterable[Key]) -> list[Item]:
        read.extend(found := honest(table, keys))
        return found

    monkeypatch.setattr(DynamoTable, "get_all", get_all)
    page = store.alerts.page(AlertQuery(min_severity=Severity.CRITICAL), 0)
    assert (len(page.items), len(read)) == (1, 1)


def test_the_worst_alerts_are_found_by_place_and_what_was_left_out_is_said(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(client, 60)
    with reads(client) as counts:
        assert store.counter.worst(AlertQuery(limit=3), 0).complete
    assert sum(counts) <= 60 + 3

    monkeypatch.setattr(alerts, "MOST_RANKED", 10)
    found, complete = store.counter.worst(AlertQuery(limit=3), 0)
    assert (len(found), complete) == (3, False)
    monkeypatch.setattr(alerts, "MOST_RANKED", 100)
    monkeypatch.setattr(AlertQuery, "MOST_EXAMINED", 10)
    assert store.counter.worst(AlertQuery(limit=3, text="nowhere"), 0) == ((), False)


def test_an_alert_written_before_places_said_more_is_found(client: "DynamoDBClient") -> None:
    store = filled(client, 1)
    (table,) = client.list_tables()["TableNames"]
    (item,) = (each for each in client.scan(TableName=table)["Items"] if each["sk"]["S"] == "ALERT")
    old = item | {"begun": {"S": item["begun"]["S"].partition("#")[0]}}
    client.put_item(TableName=table, Item=old)
    assert len(store.alerts.page(AlertQuery(min_severity=Severity.CRITICAL), 0).items) == 1
    assert store.alerts.page(AlertQuery(account="1"), 0).items == ()
    assert len(store.counter.worst(AlertQuery(min_severity=Severity.CRITICAL), 0).items) == 1


def test_a_list_goes_on_behind_an_alert_that_became_worse(client: "DynamoDBClient") -> None:
    store = filled(client, 3)
    query = AlertQuery(limit=1, direction=Direction.ASC)
    first = store.alerts.page(query, 0)
    (alert,) = first.items
    keep(store, replace(alert, severity=Severity.CRITICAL, account="999988887777"))
    second = store.alerts.page(replace(query, cursor=first.next), 0)
    assert [each.since for each in (*first.items, *second.items)] == [NOON, NOON + 1]


def test_repeated_conflicts_keep_a_notification_from_being_enqueued_again(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dynamodb_store(client)
    store.outbox.enqueue(a_pending(1))
    failed = completed(a_pending(1), Delivery.FAILED, 0)
    store.outbox.settle([failed])
    monkeypatch.setattr(DynamoTable, "transact", lambda *_: ["TransactionConflict"])
    assert store.notifications.enqueue_again(failed, 0) is None
    with pytest.raises(Conflict):
        store.outbox.settle([failed])


def test_an_item_that_an_index_shows_twice_is_read_once(client: "DynamoDBClient") -> None:
    """DynamoDB refuses a request that names a key twice."""
    store = dynamodb_store(client)
    alert = keep(store, an_alert_of(1))
    assert isinstance(store.alerts, alerts.DynamoAlertStore)
    key = alert_key(alert.fingerprint)

    assert len(store.alerts.table.get_all([key, key])) == 1


@pytest.mark.parametrize(("few", "queries"), [(100, 3), (1, 13)])
def test_what_is_pending_is_read_at_once_unless_there_is_much_of_it(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, few: int, queries: int
) -> None:
    monkeypatch.setattr(table, "FEW", few)
    store = dynamodb_store(client)
    pending = [a_pending(number, severity=Severity(number)) for number in range(3)]
    for each in pending:
        store.outbox.enqueue(each)

    with reads(client) as counts:
        page = store.notifications.page(NotificationQuery(), ("monitoring",), NOON)

    assert page.items == tuple(reversed(pending))
    assert len(counts) == queries
