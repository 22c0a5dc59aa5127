"""The three stores that one contract holds for, and what tests put into them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Change
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import (
    Notification,
    Outcome,
    Reason,
    Record,
    Recording,
    notifications_of,
)
from chalicelib.domain.notifications.unmerged_events import records_of
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways import dynamodb
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.alert_details import DynamoAlertDetailStore
from chalicelib.gateways.dynamodb.backlogs import DynamoBacklogStore
from chalicelib.gateways.dynamodb.episode_counts import DynamoEpisodeCounts
from chalicelib.gateways.dynamodb.feedback import DynamoFeedbackStore
from chalicelib.gateways.dynamodb.hourly_counts import DynamoHourlyCounts
from chalicelib.gateways.dynamodb.idempotency import DynamoIdempotencyStore
from chalicelib.gateways.dynamodb.shards import outside_fourth
from chalicelib.gateways.dynamodb.sign_ins import DynamoSignInStore
from chalicelib.gateways.dynamodb.unmerged_events import DynamoUnmergedEventStore
from chalicelib.services.alerting.ports import AlertDetailStore, EpisodeCounts, EventRetention, InhibitorStore
from chalicelib.services.ingestion.ports import UnmergedEventStore
from chalicelib.services.notifying.ports import CallBudgets, FeedbackStore, References
from chalicelib.services.operations.ports import BacklogStore, IdempotencyStore, SignInStore
from chalicelib.services.ports import (
    AccountRegister,
    AgentStore,
    AlertIndex,
    AlertStore,
    EventStore,
    HourlyCountStore,
    Leases,
    Ledger,
    NotificationStore,
    Outbox,
    ReceiverStore,
    SilenceStore,
)
from local.table import create_table
from tests.domain.given import NOON, an_event
from tests.failure_fakes import FakeBacklogStore
from tests.fake_lists import FakeAlertDetails, FakeAlerts, FakeNotifications, FakeSilences
from tests.fakes import (
    FakeCallBudgets,
    FakeClock,
    FakeReceiverStore,
    FakeReferences,
    FakeStore,
)
from tests.feedback_fakes import FakeFeedbackStore
from tests.request_fakes import FakeIdempotency, FakeSignIns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = 90 * DAY
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Store:
    """A store by its parts; `delete_event` does what expiry does."""

    ledger: Ledger
    archive: EventStore
    unmerged: UnmergedEventStore
    outbox: Outbox
    leases: Leases
    roster: ReceiverStore
    alerts: AlertStore
    notifications: NotificationStore
    agents: AgentStore
    silences: SilenceStore
    names: AccountRegister
    attempts: IdempotencyStore
    counter: AlertIndex
    inhibitors: InhibitorStore
    retention: EventRetention
    sign_ins: SignInStore
    references: References
    episode_counts: EpisodeCounts
    budgets: CallBudgets
    feedback: FeedbackStore
    hourly: HourlyCountStore
    details: AlertDetailStore
    backlogs: BacklogStore
    clock: FakeClock
    delete_event: Callable[[str], object]

    def add(self, *records: Record) -> None:
        """Record events that owe nothing, each after the last."""
        for record in records:
            self.ledger.record(record, self.alert_of(record.event), ())

    def waiting(self, limit: int = 100) -> list[Record]:
        """Return what waits to be merged."""
        return records_of(self.unmerged.unmerged(self.unmerged.entered(limit)))

    def merge(self, changed: Sequence[Record], alert: Alert, pending: Sequence[Notification] = ()) -> Recording:
        """Merge all that waits, of which some have other outcomes than was stored."""
        return self.ledger.merge(
            changed,
            alert,
            pending,
            merged=[each for each in self.unmerged.unmerged(self.unmerged.entered(100)) if each.records],
        )

    def alert_of(self, event: Event) -> Alert:
        """Return the event's alert after the event, to be written."""
        known = self.ledger.alert(event.fingerprint) or Alert.about(event)
        return known.observe(event)[0]

    def enqueue(self, event: Event, *receivers: str) -> tuple[Notification, ...]:
        """Record an event that owes a notification to each receiver, and return these."""
        record, alert = a_record(event, *receivers), self.alert_of(event)
        pending = notifications_of(alert, event, record.outcome, event.received_at)
        self.ledger.record(record, alert, pending)
        return pending


def fake_store() -> Store:
    """Return the store that lives in memory."""
    clock = FakeClock(NOON)
    fake = FakeStore(clock)
    return Store(
        ledger=fake,
        archive=fake,
        unmerged=fake,
        outbox=fake,
        leases=fake,
        roster=FakeReceiverStore(),
        alerts=FakeAlerts(fake),
        notifications=FakeNotifications(fake),
        agents=fake.agents,
        silences=FakeSilences(clock),
        names=fake.agents,
        attempts=FakeIdempotency(),
        counter=FakeAlerts(fake),
        inhibitors=FakeAlerts(fake),
        retention=fake,
        sign_ins=FakeSignIns(),
        references=FakeReferences(),
        episode_counts=fake.episode_counts,
        budgets=FakeCallBudgets(),
        feedback=FakeFeedbackStore(),
        hourly=fake.hourly,
        details=FakeAlertDetails(fake),
        backlogs=FakeBacklogStore(),
        clock=clock,
        delete_event=fake.records.pop,
    )


def dynamodb_store(client: "DynamoDBClient") -> Store:
    """Return a store on a new table."""
    name = f"monitoring-{next(_numbers)}"
    create_table(client, name)
    clock, table = FakeClock(NOON), dynamodb.DynamoTable(client, name)
    agents = dynamodb.DynamoAgentStore(table)
    return Store(
        ledger=dynamodb.DynamoLedger(table, KEPT),
        archive=dynamodb.DynamoEventStore(table, clock),
        unmerged=DynamoUnmergedEventStore(table, clock),
        outbox=dynamodb.DynamoOutbox(table, clock, KEPT),
        leases=dynamodb.DynamoLeases(table),
        roster=dynamodb.DynamoReceiverStore(table),
        alerts=dynamodb.DynamoAlertStore(table, clock),
        notifications=dynamodb.DynamoNotificationStore(table, clock),
        agents=agents,
        silences=dynamodb.DynamoSilenceStore(table, clock, KEPT),
        attempts=DynamoIdempotencyStore(table),
        counter=dynamodb.DynamoAlertStore(table, clock),
        inhibitors=dynamodb.DynamoAlertStore(table, clock),
        retention=dynamodb.DynamoEventRetention(table),
        sign_ins=DynamoSignInStore(table),
        references=dynamodb.DynamoReferences(table, clock, KEPT),
        episode_counts=DynamoEpisodeCounts(table, clock, KEPT),
        budgets=dynamodb.DynamoCallBudgets(table),
        feedback=DynamoFeedbackStore(table, clock, KEPT),
        hourly=DynamoHourlyCounts(table),
        details=DynamoAlertDetailStore(table, clock),
        backlogs=DynamoBacklogStore(table),
        names=agents,
        clock=clock,
        delete_event=lambda event_id: table.delete(items.event_key(event_id)),
    )


def a_client(url: str | None = None) -> "DynamoDBClient":
    """Return a client as production makes it."""
    return boto3.client("dynamodb", endpoint_url=url, config=dynamodb.CONFIG)


def a_record(event: Event, *receivers: str, **changes: Any) -> Record:
    """Return the record of an event that is owed to `receivers`, under the id that it has in a new table."""
    event = replace(event, id=outside_fourth(event.id))
    outcome = Outcome.pending(Reason.FIRST, receivers, "everything") if receivers else Outcome(reason=Reason.REPEATED)
    known: dict[str, Any] = {"outcome": outcome, "change": Change.OPENED, "updated_at": event.received_at}
    return Record(event=event, expired_at=NOON + KEPT, **known | changes)


def an_unmerged(event: Event) -> Record:
    """Return the record of an event that no transaction would take."""
    return a_record(event, outcome=Outcome(reason=Reason.PROCESSING), change=None)


def a_pending(number: int, **changes: Any) -> Notification:
    """Return a notification that belongs to no event, the `number`-th to be owed."""
    known: dict[str, Any] = {
        "id": f"{number:032x}",
        "receiver": "monitoring",
        "kind": "report",
        "reason": Reason.SCHEDULED,
        "severity": an_event().severity,
        "title": f"Report {number}",
        "created_at": NOON + number,
    }
    return Notification(**known | changes)


def abridged(record: Record) -> Record:
    """Return the record as a list shows it."""
    return replace(record, event=record.event.abridged())
