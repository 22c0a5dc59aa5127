"""Ingest: an event comes in, is stored with its alert and what is owed about it, and is announced if it can be."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.event import Envelope, Event
from chalicelib.domain.notifications.notification import (
    Notification,
    Outcome,
    Reason,
    Record,
    notifications_of,
    record_announcement,
)
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.ports import Clock, EventStore, Ledger, Recording
from chalicelib.sources.registry import interpret

log = logging.getLogger(__name__)

# After so many lost races the alert is too busy to wait for: the event is stored alone and folded in later.
ATTEMPTS = 3
# Events of one alert folded in one transaction, and the items that one transaction holds in DynamoDB.
FOLDED_AT_ONCE = 40
LARGEST_TRANSACTION = 100
FOLDED_PER_RUN = 1_000


class Folded(Struct, frozen=True):
    """What a few events make of their alert, and what is owed about them."""

    alert: Alert
    records: tuple[Record, ...]
    pending: tuple[Notification, ...]


class Ingest(Struct, frozen=True):
    """Takes events in; `policy` is asked for the policy of now, `keep_for` is how many seconds events are kept.

    Who takes in many at once `announces` none of them, as each post is followed by a pause: the next sweep tells of all
    of them, in a digest if they are many.
    """

    ledger: Ledger
    archive: EventStore
    deliver: Dispatcher
    policy: Callable[[], Policy]
    clock: Clock
    keep_for: int
    announces: bool = True

    def __call__(self, raw: Any) -> Record:
        """Store one EventBridge event, whatever its shape, and announce it; running twice changes nothing."""
        return self.take(Envelope.parse(raw, self.clock.now()))

    def take(self, envelope: Envelope) -> Record:
        """Store one event and announce it.

        First the store, then the delivery: a crash between the two, or a second delivery of the event, finds the
        event in the table and what is pending in the outbox.
        """
        event = interpret(envelope)
        record, pending = self._store(event)
        log.info("Event %s", record.outcome.reason, extra=_about(record))
        for receiver in record.outcome.deliveries if self.announces else ():
            self.deliver.drain(receiver, pending, record)
        return record

    def merge(self) -> int:
        """Fold the events that were stored alone into their alerts; returns how many."""
        waiting: dict[str, list[Record]] = {}
        for record in self.archive.unmerged(FOLDED_PER_RUN):
            waiting.setdefault(record.event.fingerprint, []).append(record)
        return sum(self._fold_alert(fingerprint, records) for fingerprint, records in waiting.items())

    def _store(self, event: Event) -> tuple[Record, tuple[Notification, ...]]:
        for _ in range(ATTEMPTS):
            merged = self._weigh(self._alert_of(event), [self._unfolded(event)])
            (record,) = merged.records
            match self.ledger.record(record, merged.alert, merged.pending):
                case Recording.RECORDED:
                    return record, merged.pending
                case Recording.DUPLICATE:
                    return self._known(record), ()
        record = self._unfolded(event)
        match self.ledger.keep_unmerged(record):
            case Recording.RECORDED:
                return record, ()
            case Recording.DUPLICATE:
                return self._known(record), ()
            case Recording.CONFLICT:
                raise Conflict(f"The event {event.id} is being written by another; it has to come again.")

    def _known(self, record: Record) -> Record:
        return self.archive.find(record.event.id) or record

    def _unfolded(self, event: Event) -> Record:
        now = self.clock.now()
        return Record(
            event=event,
            outcome=Outcome(reason=Reason.UNMERGED),
            change=None,
            updated_at=now,
            expired_at=event.received_at + self.keep_for,
        )

    def _alert_of(self, event: Event) -> Alert:
        return self.ledger.alert(event.fingerprint) or Alert.about(event)

    def _weigh(self, alert: Alert, records: Iterable[Record]) -> Folded:
        now, policy = self.clock.now(), self.policy()
        decided: list[Record] = []
        pending: dict[str, Notification] = {}
        for record in records:
            alert, change = alert.observe(record.event)
            outcome = evaluate_event(alert, change, record.event, policy, now)
            alert = record_announcement(alert, outcome, now)
            decided.append(replace(record, outcome=outcome, change=change, updated_at=now))
            pending |= {each.id: each for each in notifications_of(alert, record.event, outcome, now)}
        return Folded(with_next_evaluation(alert, policy, now), tuple(decided), tuple(pending.values()))

    def _fold_alert(self, fingerprint: str, records: list[Record]) -> int:
        waiting = sorted(records, key=lambda record: record.event.id)
        while waiting:
            merged = self._weigh_what_fits(waiting[:FOLDED_AT_ONCE])
            if self.ledger.merge(merged.records, merged.alert, merged.pending) is not Recording.RECORDED:
                log.info("Alert is busy; its events stay unfolded", extra={"fingerprint": fingerprint})
                break
            waiting = waiting[len(merged.records) :]
        return len(records) - len(waiting)

    def _weigh_what_fits(self, records: list[Record]) -> Folded:
        merged = self._weigh(self._alert_of(records[0].event), records)
        writes = len(merged.records) + len(merged.pending) + 1
        return merged if writes <= LARGEST_TRANSACTION else self._weigh_what_fits(records[: len(records) // 2])


def _about(record: Record) -> dict[str, str]:
    event = record.event
    return {
        "event_id": event.id,
        "account": event.account,
        "fingerprint": event.fingerprint,
        "kind": event.kind,
        "severity": event.severity.name,
        "outcome": record.outcome.status,
    }
