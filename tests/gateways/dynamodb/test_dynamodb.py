"""What the store makes of DynamoDB's own ways: bounds, lost races, half answers, items that are too large."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Recording, completed
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.text import canonical
from chalicelib.gateways.dynamodb import event_store, items
from chalicelib.gateways.dynamodb.content import pack
from infra.template import read_template
from local.table import TEMPLATE
from tests.domain.given import NOON, an_alert, an_event
from tests.gateways.dynamodb.stores import Store, a_pending, a_record, abridged, an_unmerged, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# --- Bounds


@contextmanager
def reads(client: "DynamoDBClient") -> Iterator[list[int]]:
    """Collect how many items each query reads."""
    counts: list[int] = []

    def count(parsed: dict[str, Any], **_: Any) -> None:
        counts.append(parsed["ScannedCount"])

    client.meta.events.register("after-call.dynamodb.Query", count)
    yield counts
    client.meta.events.unregister("after-call.dynamodb.Query", count)


def filled(client: "DynamoDBClient", count: int) -> Store:
    """Return a store with events a second apart, the oldest of them critical."""
    store = dynamodb_store(client)
    for n in range(count):
        severity = Severity.CRITICAL if n == 0 else Severity.LOW
        store.ledger.keep_unmerged(an_unmerged(an_event(NOON + n, severity=severity)))
    return store


@pytest.mark.parametrize("query", [EventQuery(limit=20), EventQuery(limit=20, account="111122223333")])
def test_a_page_reads_about_a_page_however_many_shards_there_are(client: "DynamoDBClient", query: EventQuery) -> None:
    store = filled(client, 80)
    with reads(client) as counts:
        page = store.archive.page(query, NOON)
    assert len(page.items) == 20
    assert sum(counts) <= 2 * 20


def test_a_rare_event_is_found_in_short_pages_and_the_way_back_too(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_store, "MOST_EXAMINED", 8)
    store, query = filled(client, 20), EventQuery(min_severity=Severity.CRITICAL)
    first = store.archive.page(query, NOON)
    second = store.archive.page(EventQuery(min_severity=Severity.CRITICAL, cursor=first.next), NOON)
    third = store.archive.page(EventQuery(min_severity=Severity.CRITICAL, cursor=second.next), NOON)
    assert [len(page.items) for page in (first, second, third)] == [0, 0, 1]
    assert third.next is None
    back = store.archive.page(EventQuery(min_severity=Severity.CRITICAL, cursor=third.previous), NOON)
    assert store.archive.page(EventQuery(min_severity=Severity.CRITICAL, cursor=back.next), NOON).items == third.items


def test_nothing_is_lost_between_a_full_page_and_an_empty_one(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page before an empty one shows what was listed last, not what stood before that."""
    monkeypatch.setattr(event_store, "MOST_EXAMINED", 4)
    store = dynamodb_store(client)
    newest = an_event(NOON + 60, severity=Severity.CRITICAL)
    for event in (newest, *(an_event(NOON + n, severity=Severity.LOW) for n in range(12))):
        store.ledger.keep_unmerged(an_unmerged(event))
    first = store.archive.page(EventQuery(min_severity=Severity.HIGH, limit=1), NOON)
    empty = store.archive.page(EventQuery(min_severity=Severity.HIGH, limit=1, cursor=first.next), NOON)
    assert empty.items == ()
    before = store.archive.page(EventQuery(min_severity=Severity.HIGH, limit=1, cursor=empty.previous), NOON)
    assert [record.event.id for record in before.items] in ([newest.id], [])
    while not before.items:
        query = EventQuery(min_severity=Severity.HIGH, limit=1, cursor=before.previous)
        before = store.archive.page(query, NOON)
    assert before.items == first.items


# --- Items that are too large


def test_a_detail_that_no_item_holds_is_kept_as_a_marked_excerpt(client: "DynamoDBClient") -> None:
    store, detail = dynamodb_store(client), {"noise": random.Random(1).randbytes(450_000).hex()}
    store.add(a_record(an_event(detail=detail, resources=("a", "b"))))
    found = store.archive.find(an_event().id)
    assert found is not None
    whole = canonical(detail)
    assert found.event.detail == {
        "excerpt": whole[:100_000].decode(),
        "sha256": hashlib.sha256(whole).hexdigest(),
        "bytes": len(whole),
    }
    assert found.event.resources == ("a", "b")


def test_resources_that_no_item_holds_leave_the_detail_whole(client: "DynamoDBClient") -> None:
    store, noise = dynamodb_store(client), random.Random(1)
    event = an_event(detail={"small": True}, resources=tuple(noise.randbytes(500).hex() for _ in range(1_000)))
    store.add(a_record(event))
    found = store.archive.find(event.id)
    assert found is not None
    assert found.event.detail == event.detail
    assert found.event.resources == abridged(a_record(event)).event.resources


def test_a_megabyte_that_compresses_well_is_kept_whole(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    record = a_record(an_event(detail={"lines": ["ERROR: connection refused"] * 40_000}))
    store.add(record)
    assert store.archive.find(record.event.id) == record


def test_a_link_with_half_a_character_is_stored_all_the_same(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    store.add(a_record(an_event(link="https://example.com/\ud800")))
    (listed,) = store.archive.page(EventQuery(), NOON).items
    assert listed.event.link == "https://example.com/?"


def test_the_same_event_is_always_the_same_bytes() -> None:
    one, other = an_event(detail={"a": 1, "b": [2]}), an_event(detail={"b": [2], "a": 1})
    assert pack(one) == pack(other)


def test_only_events_are_in_the_events_indexes(client: "DynamoDBClient") -> None:
    alert, pending = items.alert_item(an_alert(an_event()), 0), items.notification_item(a_pending(1), 0)
    assert "id" not in alert.keys() | pending.keys()


# --- Lost races and half answers


class Scripted:
    """A client that answers with what is scripted for an operation first, and then as the real one."""

    def __init__(self, client: "DynamoDBClient", **responses: list[Any]) -> None:
        self._client = client
        self._responses = responses

    def __getattr__(self, name: str) -> Any:
        operation: Callable[..., Any] = getattr(self._client, name)
        if name not in self._responses:
            return operation

        def call(**request: Any) -> Any:
            answer = self._responses[name].pop(0) if self._responses[name] else operation
            if isinstance(answer, Exception):
                raise answer
            return answer(**request)

        return call


def an_error(code: str, *reasons: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "scripted"}}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "Operation")


def cancelled(*reasons: str) -> ClientError:
    return an_error("TransactionCanceledException", *reasons)


@pytest.fixture
def moto_client(client_of_moto: "DynamoDBClient") -> Iterator["DynamoDBClient"]:
    with mock_aws():
        yield client_of_moto


def scripted_store(client: "DynamoDBClient", **responses: list[Any]) -> Store:
    return dynamodb_store(cast("DynamoDBClient", Scripted(client, **responses)))


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (cancelled("ConditionalCheckFailed", "None"), Recording.DUPLICATE),
        (cancelled("ConditionalCheckFailed", "ConditionalCheckFailed"), Recording.DUPLICATE),
        (cancelled("ConditionalCheckFailed", "TransactionConflict"), Recording.DUPLICATE),
        (cancelled("None", "ConditionalCheckFailed"), Recording.CONFLICT),
        (cancelled("None", "TransactionConflict"), Recording.CONFLICT),
        (cancelled("TransactionConflict", "None"), Recording.CONFLICT),
        (cancelled("None", "ThrottlingError"), Recording.CONFLICT),
        (cancelled("ProvisionedThroughputExceeded", "None"), Recording.CONFLICT),
        (an_error("TransactionConflictException"), Recording.CONFLICT),
        (an_error("TransactionInProgressException"), Recording.CONFLICT),
    ],
)
def test_the_reasons_of_a_lost_transaction_distinguish_duplicate_and_conflict(
    moto_client: "DynamoDBClient", error: ClientError, result: Recording
) -> None:
    store, event = scripted_store(moto_client, transact_write_items=[error]), an_event()
    assert store.ledger.record(a_record(event), an_alert(event), ()) is result


@pytest.mark.parametrize(
    "error", [cancelled("None", "ValidationError"), cancelled(), an_error("AccessDeniedException")]
)
def test_what_is_no_lost_race_is_raised(moto_client: "DynamoDBClient", error: ClientError) -> None:
    store, event = scripted_store(moto_client, transact_write_items=[error]), an_event()
    with pytest.raises(ClientError):
        store.ledger.record(a_record(event), an_alert(event), ())


def test_an_unfolded_event_in_the_way_of_a_transaction_is_a_conflict(moto_client: "DynamoDBClient") -> None:
    store = scripted_store(moto_client, put_item=[an_error("TransactionConflictException")])
    assert store.ledger.keep_unmerged(an_unmerged(an_event())) is Recording.CONFLICT


def test_a_put_that_is_refused_for_another_reason_is_raised(moto_client: "DynamoDBClient") -> None:
    store = scripted_store(moto_client, put_item=[an_error("AccessDeniedException")] * 2)
    with pytest.raises(ClientError, match="AccessDenied"):
        store.outbox.enqueue(a_pending(1))
    with pytest.raises(ClientError, match="AccessDenied"):
        store.ledger.keep_unmerged(an_unmerged(an_event()))


def test_keys_that_a_batch_left_out_are_requested_again(moto_client: "DynamoDBClient") -> None:
    def answer_half(**request: Any) -> Any:
        ((name, requested),) = request["RequestItems"].items()
        half = {name: requested | {"Keys": requested["Keys"][:2]}}
        rest = {name: requested | {"Keys": requested["Keys"][2:]}}
        return moto_client.batch_get_item(RequestItems=half) | {"UnprocessedKeys": rest}

    store = scripted_store(moto_client, batch_get_item=[answer_half, answer_half])
    for n in range(5):
        store.outbox.enqueue(a_pending(n))
    assert store.outbox.pending("monitoring", 10) == [a_pending(n) for n in range(5)]


def test_an_overloaded_table_returns_what_it_can(moto_client: "DynamoDBClient") -> None:
    def answer_nothing(**request: Any) -> Any:
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    store = scripted_store(moto_client, batch_get_item=[answer_nothing] * 100)
    store.outbox.enqueue(a_pending(1))
    assert store.outbox.pending("monitoring", 10) == []


def test_what_was_just_written_is_enqueued_though_the_index_does_not_show_it(moto_client: "DynamoDBClient") -> None:
    def answer_nothing(**request: Any) -> Any:
        return {"Items": []}

    store = scripted_store(moto_client, query=[answer_nothing, answer_nothing])
    store.outbox.enqueue(a_pending(1))
    assert store.outbox.pending("monitoring", 10) == []
    assert store.outbox.pending("monitoring", 10, [a_pending(1)]) == [a_pending(1)]


def test_settling_tries_again_while_others_are_in_the_way(moto_client: "DynamoDBClient") -> None:
    conflicts = [cancelled("None", "TransactionConflict")] * 3
    store = scripted_store(moto_client, transact_write_items=[])
    (pending,) = store.enqueue(an_event(), "monitoring")
    script(store, conflicts)
    store.outbox.settle([completed(pending, Delivery.DELIVERED, NOON)])
    assert store.outbox.pending("monitoring", 10) == []
    assert len(store.clock.slept) == 2


def test_who_cannot_be_settled_stays_pending_and_the_others_are_settled(moto_client: "DynamoDBClient") -> None:
    store = scripted_store(moto_client, transact_write_items=[])
    for n in (1, 2):
        store.outbox.enqueue(a_pending(n))
    script(store, [cancelled("TransactionConflict", "TransactionConflict"), *[cancelled("TransactionConflict")] * 6])
    with pytest.raises(Conflict, match="1 notification still pending after concurrent updates"):
        store.outbox.settle([completed(a_pending(n), Delivery.DELIVERED, NOON) for n in (1, 2)])
    assert store.outbox.pending("monitoring", 10) == [a_pending(1)]


def script(store: Store, responses: list[Any]) -> None:
    """Let the next transactions of a scripted store fail."""
    store.ledger.table.client._responses["transact_write_items"] += responses  # type: ignore[attr-defined]  # noqa: SLF001 - it is ours


# --- The table


def test_the_template_keeps_the_table_and_forgets_by_expired_at() -> None:
    table = read_template(TEMPLATE)["Resources"]["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expired_at", "Enabled": True}
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert json.dumps(table["Properties"]["TableName"]) == '{"Fn::Sub": "monitoring-${Stage}"}'


def test_what_another_version_wrote_and_nobody_can_read_keeps_no_message_waiting(client: "DynamoDBClient") -> None:
    """After a roll back a notification may have a reason that is not known yet, or any more."""
    store = dynamodb_store(client)
    for number in (1, 2):
        store.outbox.enqueue(a_pending(number))
    client.update_item(
        TableName=client.list_tables()["TableNames"][0],
        Key={"pk": {"S": f"NOTIFICATION#{a_pending(1).id}"}, "sk": {"S": "NOTIFICATION"}},
        UpdateExpression="SET reason = :reason",
        ExpressionAttributeValues={":reason": {"S": "of tomorrow"}},
    )

    assert store.outbox.pending("monitoring", 10) == [a_pending(2)]
