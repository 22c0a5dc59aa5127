"""What 0.2.0 stored is read after an update, whatever it called it."""

from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Signal
from chalicelib.domain.notifications.notification import Outcome, Reason
from chalicelib.domain.queries import EventQuery
from chalicelib.gateways.dynamodb import DynamoEventStore, items
from chalicelib.gateways.dynamodb.unmerged_events import LAST, SOUGHT_EACH, DynamoUnmergedEventStore
from tests.domain.given import NOON, an_alert, an_event
from tests.gateways.dynamodb.stores import KEPT, a_pending, a_record, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def before(item: Any, **names: str) -> Any:
    """Return an item with attributes called as they were."""
    return {names.get(name, name): value for name, value in item.items()}


@pytest.mark.parametrize("kind", [TransitionKind.ACKNOWLEDGED, TransitionKind.RESOLVED])
def test_an_alert_keeps_its_timeline_and_what_was_done_to_it(kind: TransitionKind) -> None:
    alert = an_alert(an_event()).mark(kind, NOON + 5, "ops", "on it")
    item = before(items.alert_item(alert, KEPT), history="moments")
    item["marked"] = {"M": before(item["marked"]["M"], kind="happening")}

    assert items.alert_of(item) == alert
    assert alert.status is not Status.FIRING
    assert alert.marked
    action = items.action_item(alert.fingerprint, alert.marked, KEPT)
    assert items.action_of(before(action, kind="happening")) == alert.marked


@pytest.mark.parametrize(("was", "now"), [("history", Signal.HISTORICAL), ("news", Signal.INFORMATIONAL)])
def test_an_event_keeps_its_signal(was: str, now: Signal) -> None:
    record = a_record(replace(an_event(), signal=now))
    item = items.event_item(record) | {"signal": {"S": was}}

    assert items.record_of(item).event.signal is now


def test_a_pending_keeps_its_reason() -> None:
    notification = a_pending(1, reason=Reason.STABLE)
    item = items.notification_item(notification, KEPT) | {"reason": {"S": "settled"}}

    assert items.notification_of(item) == notification


def test_an_agent_keeps_its_status_and_its_interval() -> None:
    agent = Agent(
        account="111122223333",
        region="eu-west-1",
        status=AgentStatus.REMOVED,
        heartbeat_at=NOON,
        heartbeat_seconds=3_600,
        log_group_count=4,
    )
    item = before(items.agent_item(agent), status="state", heartbeat_seconds="interval", log_group_count="scans")

    assert items.agent_of(item) == agent


def test_an_event_that_was_stored_alone_is_listed_and_entered(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    table, record = cast("DynamoEventStore", store.archive).table, a_record(an_event(), change=None)
    record = replace(record, outcome=Outcome(reason=Reason.PROCESSING))
    shard = items.event_key(record.event.id)["pk"].partition("#")[2]
    mark = {"work": {"S": f"UNFOLDED#{shard}"}, "work_at": {"S": record.event.id}}
    table.put(items.event_item(record) | {"reason": {"S": "unfolded"}} | mark)
    store.clock.time += SOUGHT_EACH - store.clock.now() % SOUGHT_EACH - LAST

    (listed,) = store.archive.page(EventQuery(), NOON).items
    (entries,) = DynamoUnmergedEventStore(table, store.clock).entered(10)

    assert listed.outcome.reason is Reason.PROCESSING
    assert entries.fingerprint == record.event.fingerprint
