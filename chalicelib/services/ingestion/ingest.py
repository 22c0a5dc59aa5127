"""Ingest: an event comes in, is stored with its alert and its notifications, and is announced if it can be."""

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

# After so many lost races the alert is too busy to wait for: the event is stored alone and merged later.
ATTEMPTS = 3

# A message may take two seconds, and a function has a minute: of more problems at once the next sweep notifies.
MOST_ANNOUNCED = 10

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

    def take(self, envelope: Envelope, *, announce: bool = True, further: Iterable[Event] = ()) -> Record:
        """Store one event and announce it, or leave that to the next sweep, as whoever takes in many at once does.

        First the store, then the delivery: a crash between the two, or a second delivery of the event, finds the
        event in the table and what is pending in the outbox. Of several problems in one event each is taken in, though
        one before it could not be; then the event has to come again, and finds those that are there already. The first
        ones are announced. Returns the record of the first.
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
        """Return whether others are writing an alert, or would be; where some count is waited for, only if they are."""
        is_dense = alert.timeline.is_dense(now) and outcome.reason is not Reason.BELOW_COUNT
        return is_dense or alert.fingerprint in self.busy

    def _kept_unmerged(self, record: Record) -> Stored:
        """Store an event alone; what it only counts for, its alert, hears of it from the next sweep."""
        recording = self.ledger.keep_unmerged(record)
        if recording is Recording.CONFLICT:
            raise Conflict(f"Event {record.event.id} was updated concurrently; Lambda retries it.")
        return self._recorded(record, recording)

    def _record(self, event: Event, outcome: Outcome, now: int, change: Change | None = None) -> Record:
        expired_at = event.received_at + self.keep_for
        return Record(event=event, outcome=outcome, change=change, updated_at=now, expired_at=expired_at)

    def _recorded(self, record: Record, recording: Recording, pending: tuple[Notification, ...] = ()) -> Stored:
        """Return the event with the notifications just written; one that was there before as it is there."""
        if recording is Recording.RECORDED:
            return record, pending, recording
        return self.event_store.find(record.event.id) or record, (), recording


def _only_counts(alert: Alert, decision: Decision) -> bool:
    """Return whether an event changes nothing of its alert but counts, and nobody is notified of it."""
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
