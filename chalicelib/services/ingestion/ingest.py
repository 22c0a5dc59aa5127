"""Ingest: an event comes in, is stored with its alert and its notifications, and is announced if it can be."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Change
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason, Record, Recording
from chalicelib.domain.routing.decision import DecidedEvent, Decision, decide
from chalicelib.services.ingestion.busy_alerts import BusyAlerts
from chalicelib.services.ingestion.hourly_counter import HourlyCounter
from chalicelib.sources.registry import interpret_all

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore, Ledger, Policies

log = logging.getLogger(__name__)

# After so many lost races the alert is too busy to wait for: the event is stored alone and merged later.
ATTEMPTS = 3
# Events of one alert merged in one transaction, and the items that one transaction holds in DynamoDB.
MERGED_AT_ONCE = 90
LARGEST_TRANSACTION = 100
READ_AT_ONCE = 5_000

# What the daily reconciliation counts: one line for each event that a function is done with, and one for each that it
# has written for the first time. The filters in infra/hub.yaml have the same words.
HANDLED_LINE, STORED_LINE, KNOWN_LINE = "Event handled", "Event stored", "Event stored before"
# It does not count the further problems of an event that holds several.
FURTHER_LINE = "Further problem stored"

type Stored = tuple[Record, tuple[Notification, ...], Recording]

type Announce = Callable[[Record, Sequence[Notification]], None]
"""Sends what an event made pending: the notifications just written, none where it was stored before."""


class Ingest(Struct, frozen=True):
    """Takes events in; `policy` returns the policy of now, `keep_for` is how many seconds events are kept."""

    ledger: Ledger
    event_store: EventStore
    policy: Policies
    clock: Clock
    keep_for: int
    announce: Announce
    busy: BusyAlerts
    hourly: HourlyCounter

    def __call__(self, raw: Any) -> Record:
        """Store one EventBridge event, whatever its shape, and announce it; running twice changes nothing."""
        return self.take(Envelope.parse(raw, self.clock.now()))

    def take(self, envelope: Envelope, *, announce: bool = True) -> Record:
        """Store one event and announce it, or leave that to the next sweep, as whoever takes in many at once does.

        First the store, then the delivery: a crash between the two, or a second delivery of the event, finds the
        event in the table and what is pending in the outbox. Of several problems in one event each is taken in, though
        one before it could not be; then the event has to come again, and finds those that are there already. Returns
        the record of the first.
        """
        records: list[Record] = []
        failures: list[Exception] = []
        for number, event in enumerate(interpret_all(envelope)):
            try:
                records.append(self._take(event, announce=announce, is_first=not number))
            except Exception as error:  # noqa: BLE001 - it is raised behind the others
                failures.append(error)
        if failures:
            raise failures[0]
        return records[0]

    def _take(self, event: Event, *, announce: bool, is_first: bool) -> Record:
        record, pending, recording = self._store(event)
        line = KNOWN_LINE
        if recording is Recording.RECORDED:
            line = STORED_LINE if is_first else FURTHER_LINE
        log.info(line, extra=_about(record))
        if announce and record.outcome.deliveries:
            self.announce(record, pending)
        return record

    def merge(self, until: float = math.inf) -> int:
        """Merge the events that were stored alone into their alerts, for as long as there is time; returns how many.

        An alert that cannot be decided on keeps no other from its turn; what is wrong with it is raised in the end.
        """
        count, failures, goes_on = 0, list[Exception](), True
        while goes_on and self.clock.now() < until:
            found = self.event_store.unmerged(READ_AT_ONCE, with_details=bool(self.policy().labels))
            merged = self._merge_all(found, until, failures)
            count += merged
            # What stays is too busy, or wrong, and would only be read again.
            goes_on = 0 < merged == len(found)
        if failures:
            raise ExceptionGroup("Some events were not merged", failures)
        return count

    def _merge_all(self, records: Sequence[Record], until: float, failures: list[Exception]) -> int:
        waiting: dict[str, list[Record]] = {}
        for record in records:
            waiting.setdefault(record.event.fingerprint, []).append(record)
        count = 0
        for fingerprint, some in waiting.items():
            try:
                count += self._merge_alert(fingerprint, some, until)
            except Exception as error:
                log.exception("Events not merged; will retry", extra={"fingerprint": fingerprint, "events": len(some)})
                failures.append(error)
        return count

    def _store(self, event: Event) -> Stored:
        for _ in range(ATTEMPTS):
            now = self.clock.now()
            alert = self.ledger.alert(event.fingerprint) or Alert.about(event)
            decision, forgotten = self.hourly.carry(alert, decide(alert, [event], self.policy(), now), now)
            (decided,) = decision.events
            record = self._record(decided.event, decided.outcome, now, decided.change)
            # What only counts, and nobody is notified of, need not race for an alert that others are writing.
            if decided.change is Change.REPEATED and not decision.pending and event.fingerprint in self.busy:
                return self._kept_unmerged(record)
            recording = self.ledger.record(record, decision.alert, decision.pending)
            if decision.alert.inhibits is not alert.inhibits:
                self.policy.forget()
            if forgotten and recording is Recording.RECORDED:
                self.hourly.count(event.fingerprint, forgotten)
            if recording is not Recording.CONFLICT:
                return self._recorded(record, recording, decision.pending)
            self.busy.add(event.fingerprint)
        return self._kept_unmerged(self._record(decided.event, Outcome(reason=Reason.PROCESSING), self.clock.now()))

    def _kept_unmerged(self, record: Record) -> Stored:
        """Store an event alone; what it only counts for, its alert, hears of it from the next sweep."""
        recording = self.ledger.keep_unmerged(record)
        if recording is Recording.CONFLICT:
            raise Conflict(f"The event {record.event.id} is being written by another; it has to come again.")
        return self._recorded(record, recording)

    def _record(self, event: Event, outcome: Outcome, now: int, change: Change | None = None) -> Record:
        expired_at = event.received_at + self.keep_for
        return Record(event=event, outcome=outcome, change=change, updated_at=now, expired_at=expired_at)

    def _recorded(self, record: Record, recording: Recording, pending: tuple[Notification, ...] = ()) -> Stored:
        """Return the event with the notifications just written; one that was there before as it is there."""
        if recording is Recording.RECORDED:
            return record, pending, recording
        return self.event_store.find(record.event.id) or record, (), recording

    def _merge_alert(self, fingerprint: str, records: list[Record], until: float) -> int:
        waiting = sorted(records, key=lambda record: record.event.id)
        alert: Alert | None = None
        lost, forgotten = 0, Counter[int]()
        while waiting and lost < ATTEMPTS and self.clock.now() < until:
            alert = alert or self.ledger.alert(fingerprint) or Alert.about(waiting[0].event)
            merged, decision, gone = self._decide_what_fits(alert, waiting[:MERGED_AT_ONCE])
            if self.ledger.merge(merged, decision.alert, decision.pending) is not Recording.RECORDED:
                log.info("Write conflict; will retry", extra={"fingerprint": fingerprint, "events": len(waiting)})
                lost, alert = lost + 1, None
                continue
            lost = 0
            forgotten.update(gone)
            waiting = waiting[len(merged) :]
            alert = replace(decision.alert, version=decision.alert.version + 1)
        if forgotten:
            self.hourly.count(fingerprint, forgotten)
        return len(records) - len(waiting)

    def _decide_what_fits(self, alert: Alert, records: list[Record]) -> tuple[list[Record], Decision, Counter[int]]:
        """Decide on as many of an alert's events as one transaction holds with all that they make pending."""
        now, events = self.clock.now(), [record.event for record in records]
        decision = decide(alert, events, self.policy(), now)
        if len(records) + len(decision.pending) + 1 > LARGEST_TRANSACTION:
            return self._decide_what_fits(alert, records[: len(records) // 2])
        merged = [_decided(*each, now) for each in zip(records, decision.events, strict=True)]
        return merged, *self.hourly.carry(alert, decision, now)


def _decided(record: Record, decided: DecidedEvent, now: int) -> Record:
    """Return a record with what became of it; as it is where that is what it says already."""
    after = replace(record, event=decided.event, change=decided.change, outcome=decided.outcome)
    return record if after == record else replace(after, updated_at=now)


def _about(record: Record) -> dict[str, str | int]:
    event = record.event
    return {
        "event_id": event.id,
        "account": event.account,
        "fingerprint": event.fingerprint,
        "kind": event.kind,
        "severity": event.severity.name,
        "outcome": record.outcome.status,
        "reason": record.outcome.reason,
        "days_old": event.days_old,
    }
