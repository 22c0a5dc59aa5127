"""The ledger: writes an event in one transaction, or alone during a storm, to be merged later."""

from collections.abc import Iterator, Sequence

from botocore.exceptions import ClientError
from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.alerts.episode_count import COUNTED_EACH, SETTLED_AFTER, to_be_counted_at
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Notification, Record, Recording
from chalicelib.domain.notifications.unmerged_events import UnmergedEvents, events_of
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.episode_counts import to_be_counted
from chalicelib.gateways.dynamodb.expressions import ABSENT, PRESENT, Expected, Item, Put, Update, Write, at_version
from chalicelib.gateways.dynamodb.hour_index import HourIndexWriter
from chalicelib.gateways.dynamodb.shards import ShardWriter
from chalicelib.gateways.dynamodb.table import CONDITION_FAILED, LARGEST_TRANSACTION, TRANSACTION_CONFLICT, DynamoTable
from chalicelib.gateways.dynamodb.unmerged_events import UnmergedEventsWriter, leaving

# How many alerts an instance remembers as scheduled to be counted.
MOST_REMEMBERED = 1_000


class DynamoLedger(Struct):
    """Writes events; alerts and notifications are kept for `keep_for` seconds."""

    table: DynamoTable
    keep_for: int
    _last_content: str = ""
    _shards: ShardWriter = field(default_factory=ShardWriter)
    _hour_index: HourIndexWriter = field(default_factory=HourIndexWriter)
    _waits: dict[str, int] = field(default_factory=dict)
    _unmerged: UnmergedEventsWriter = field(default_factory=UnmergedEventsWriter)

    def alert(self, fingerprint: str) -> Alert | None:
        """Return the alert as last written, even if it has expired."""
        item = self.table.get(items.alert_key(fingerprint))
        return items.alert_of(item) if item else None

    def with_stored_id(self, event: Event) -> Event:
        """Return an event with the id that it is stored under."""
        return replace(event, id=self._shards.stored_id(self.table, event))

    def record(self, record: Record, alert: Alert, pending: Sequence[Notification]) -> Recording:
        """Put a new event, its alert and the notifications: all or nothing."""
        event = Put(self._without_content(record), ABSENT)
        self._let_be_counted(alert, [record.event])
        reasons = self.table.transact([event, *self._consequences(alert, pending)])
        if not reasons:
            return Recording.RECORDED
        return Recording.DUPLICATE if reasons[0] == CONDITION_FAILED else Recording.CONFLICT

    def keep_unmerged(self, record: Record) -> Recording:
        """Enter the event to be merged, and put it alone."""
        entry = self._unmerged.enter(self.table, record)
        try:
            put = self.table.put(self._without_content(record, entry), ABSENT)
        except ClientError as error:
            if error.response["Error"]["Code"] != TRANSACTION_CONFLICT:
                raise
            return Recording.CONFLICT
        return Recording.RECORDED if put else Recording.DUPLICATE

    def merge(
        self,
        records: Sequence[Record],
        alert: Alert,
        pending: Sequence[Notification],
        action: Mark | None = None,
        merged: Sequence[UnmergedEvents] = (),
    ) -> Recording:
        """Remove the entries of merged events, update outcomes, write the alert and the notifications.

        ValueError where this does not fit one transaction.
        """
        writes = [
            *map(leaving, merged),
            *map(self._merging, records),
            *self._consequences(alert, pending),
            *self._history(alert, pending, action),
        ]
        if len(writes) > LARGEST_TRANSACTION:
            raise ValueError(f"{len(records)} events and {len(pending)} notifications do not fit one transaction")
        self._let_be_counted(alert, events_of(merged))
        return Recording.CONFLICT if self.table.transact(writes) else Recording.RECORDED

    def _let_be_counted(self, alert: Alert, events: Sequence[Event]) -> None:
        """Schedule an alert with many more events to be counted, before it is written; once too often costs little."""
        if alert.count < COUNTED_EACH:
            return
        at = to_be_counted_at(alert, events)
        if at and at >= self._waits.get(alert.fingerprint, 0) + SETTLED_AFTER:
            self.table.update(to_be_counted(alert.fingerprint, at, self.keep_for))
            if len(self._waits) >= MOST_REMEMBERED:
                self._waits.clear()
            self._waits[alert.fingerprint] = at

    def _without_content(self, record: Record, entry: str = "") -> Item:
        """Return the event's item, having put its content first if that is stored apart: no event may lack it.

        A retry after a lost race has put it already.
        """
        self._shards.three_from(self.table, record.event.received_at)
        self._hour_index.note(self.table, record.event, record.expired_at)
        event, content = items.event_items(record, entry)
        if content and self._last_content != record.event.id:
            # A duplicate never replaces what is stored under its id, whatever it says.
            self.table.put(content, ABSENT)
            self._last_content = record.event.id
        return event

    def _merging(self, record: Record) -> Update:
        return Update(items.event_key(record.event.id), items.outcome_fields(record), [Expected(PRESENT, "pk")])

    def _history(self, alert: Alert, pending: Sequence[Notification], action: Mark | None) -> Iterator[Write]:
        """Iterate over writes of an alert's history that its events do not tell: an action, reminders."""
        if action:
            yield Put(items.action_item(alert.fingerprint, action, self.keep_for))
        for each in pending:
            if not each.event_id:
                yield Put(items.reminder_item(each, self.keep_for))

    def _consequences(self, alert: Alert, pending: Sequence[Notification]) -> list[Write]:
        item = items.alert_item(replace(alert, version=alert.version + 1), self.keep_for)
        notifications = [items.notification_item(each, self.keep_for) for each in pending]
        return [
            Put(item, at_version("version", alert.version)),
            *[Put(each) for each in notifications],
        ]
