"""Ingest: stores an event with its alert and its notifications, and announces it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Change
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason, Record, Recording
from chalicelib.domain.routing.decision import Decision, decide
from chalicelib.services.ingestion.busy_alerts import BusyAlerts
from chalicelib.services.ingestion.hourly_counter import HourlyCounter
from chalicelib.sources.registry import interpret_all

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore, Ledger, Policies

log = logging.getLogger(__name__)

# After so many lost races the event is stored alone and merged later.
ATTEMPTS = 3

# Sending a message may take two seconds, and a function has a minute: if one event has more problems, the next sweep
# announces the others.
MOST_ANNOUNCED = 10

# Log messages that the daily reconciliation counts: one for each event that a function is done with, and one for each
# that it has stored for the first time. The metric filters in infra/hub.yaml have the same words.
HANDLED_LINE, STORED_LINE, KNOWN_LINE = "Event handled", "Event stored", "Event stored before"
# The further problems of an event are logged apart, and not counted.
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
        """Store one EventBridge event, whatever its shape, and announce it; a second delivery changes nothing."""
        return self.take(Envelope.parse(raw, self.clock.now()))

    def take(self, envelope: Envelope, *, announce: bool = True, further: Iterable[Event] = ()) -> Record:
        """Store one event and announce it, or leave announcing to the next sweep.

        It is stored first: after a crash, or on a second delivery, the event is found in the table and what is pending
        in the outbox. An event with several problems is taken in once for each, even if one of them fails; the error
        makes Lambda deliver the event again, which finds those that are stored. Only the first few are announced at
        once. Returns the record of the first.
        """
        records: list[Record] = []
        failures: list[Exception] = []
        for number, event in enumerate(chain(interpret_all(envelope), further)):
            try:
                is_announced = announce and number < MOST_ANNOUNCED
                records.append(self._take(event, announce=is_announced, is_first=not number))
            except Exception as error:  # noqa: BLE001 - it is raised behind the others
                failures.append(error)
        if failures:
            raise failures[0]
        return records[0]

    def _take(self, event: Event, *, announce: bool, is_first: bool) -> Record:
        record, pending, recording = self._store(self.ledger.with_stored_id(event))
        line = KNOWN_LINE
        if recording is Recording.RECORDED:
            line = STORED_LINE if is_first else FURTHER_LINE
        log.info(line, extra=_about(record))
        if announce and record.outcome.deliveries:
            self.announce(record, pending)
        return record

    def _store(self, event: Event) -> Stored:
        for _ in range(ATTEMPTS):
            now = self.clock.now()
            alert = self.ledger.alert(event.fingerprint) or Alert.about(event)
            decision, forgotten = self.hourly.carry(alert, decide(alert, [event], self.policy(), now), now)
            (decided,) = decision.events
            record = self._record(decided.event, decided.outcome, now, decided.change)
            if _only_counts(alert, decision) and self._is_busy(alert, decided.outcome, now):
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

    def _is_busy(self, alert: Alert, outcome: Outcome, now: int) -> bool:
        """Return whether to store an event alone.

        So it is where its alert fires often within a minute, except while a minimum count is awaited, or where it lost
        races lately.
        """
        is_dense = alert.timeline.is_dense(now) and outcome.reason is not Reason.BELOW_COUNT
        return is_dense or alert.fingerprint in self.busy

    def _kept_unmerged(self, record: Record) -> Stored:
        """Store an event alone; the next sweep merges it into its alert."""
        recording = self.ledger.keep_unmerged(record)
        if recording is Recording.CONFLICT:
            raise Conflict(f"Event {record.event.id} was updated concurrently; Lambda retries it.")
        return self._recorded(record, recording)

    def _record(self, event: Event, outcome: Outcome, now: int, change: Change | None = None) -> Record:
        expired_at = event.received_at + self.keep_for
        return Record(event=event, outcome=outcome, change=change, updated_at=now, expired_at=expired_at)

    def _recorded(self, record: Record, recording: Recording, pending: tuple[Notification, ...] = ()) -> Stored:
        """Return the event with the notifications just written; a duplicate as it was stored before."""
        if recording is Recording.RECORDED:
            return record, pending, recording
        return self.event_store.find(record.event.id) or record, (), recording


def _only_counts(alert: Alert, decision: Decision) -> bool:
    """Return whether an event only increases a count of its alert, and nobody is notified of it."""
    (decided,) = decision.events
    return decided.change is Change.REPEATED and not decision.pending and decision.alert.places == alert.places


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
