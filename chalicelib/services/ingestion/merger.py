"""The merger: merges events that were stored alone into their alerts, many at a time."""

from __future__ import annotations

import logging
import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.notification import Recording
from chalicelib.domain.notifications.unmerged_events import portions, records_of, that_fit
from chalicelib.domain.routing.decision import decide
from chalicelib.services.ingestion.hourly_counter import HourlyCounter

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Notification, Record
    from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents
    from chalicelib.domain.routing.decision import DecidedEvent
    from chalicelib.services.ingestion.ports import UnmergedEventStore
    from chalicelib.services.ports import Clock, Ledger, Policies

log = logging.getLogger(__name__)

# After so many lost races in a row an alert is left to the next sweep.
ATTEMPTS = 3
# How many writes a DynamoDB transaction holds beside the alert.
MOST_WRITES = 99
# The entries of so many events are listed at a time: some 5 MB.
LISTED_AT_ONCE = 50_000
# So many events are read at a time: some 50 MB, and seconds of a sweep, of which merging has a third.
READ_AT_ONCE = 5_000
ALERTS_AT_ONCE = 100
# If another sweep merges too, one works from the other end; when they meet, that one stops.
BOTH_ENDS = 2


class Merge(Struct, frozen=True, kw_only=True):
    """One transaction: the entries to merge, events with a new outcome, the alert and its notifications."""

    alert: Alert
    merged: Sequence[UnmergedEvents]
    rest: list[UnmergedEvents]
    changed: Sequence[Record]
    pending: Sequence[Notification]
    uncounted: Counter[int]

    @property
    def writes(self) -> int:
        """The number of writes beside the alert."""
        return len(self.merged) + len(self.changed) + len(self.pending)


class Merger(Struct, frozen=True):
    """Merges events that were stored alone; `policy` returns the policy of now."""

    ledger: Ledger
    store: UnmergedEventStore
    policy: Policies
    clock: Clock
    hourly: HourlyCounter

    def __call__(self, until: float = math.inf) -> int:
        """Merge events that were stored alone until `until` (epoch seconds); return how many were merged.

        An alert that fails does not block others; it is left to the next sweep with everything that waits for it, and
        its error is raised at the end.
        """
        count, failures, after = 0, dict[str, Exception](), ""
        while self.clock.now() < until:
            entered = self.store.entered(LISTED_AT_ONCE, after)
            for portion in portions(entered, READ_AT_ONCE, ALERTS_AT_ONCE):
                others = [each for each in portion if each.fingerprint not in failures]
                if others and self.clock.now() < until:
                    count += self._merge_all(others, until, failures)
            if sum(len(each.entries) for each in entered) < LISTED_AT_ONCE:
                break
            after = entered[-1].name
        if failures:
            raise ExceptionGroup("Some events were not merged", list(failures.values()))
        return count

    def _merge_all(self, portion: Sequence[Entries], until: float, failures: dict[str, Exception]) -> int:
        waiting: dict[str, list[UnmergedEvents]] = {}
        for some in self.store.unmerged(portion, with_details=bool(self.policy().labels)):
            if some.records:
                waiting.setdefault(some.fingerprint, []).append(some)
        count, alerts = 0, self._alerts_of(list(waiting))
        left, from_end, in_a_row = deque(waiting), False, 0
        while left and in_a_row < BOTH_ENDS:
            fingerprint, is_taken = left.pop() if from_end else left.popleft(), False
            try:
                merged, is_taken = self._merge_alert(alerts.get(fingerprint), waiting[fingerprint], until)
                count += merged
            except Exception as error:
                log.exception("Events not merged; will retry", extra={"fingerprint": fingerprint})
                failures[fingerprint] = error
            in_a_row = in_a_row + 1 if is_taken else 0
            from_end = from_end != is_taken
        return count

    def _alerts_of(self, fingerprints: Sequence[str]) -> Mapping[str, Alert]:
        """Return alerts; empty where one of them cannot be read, as each is then read by itself."""
        try:
            return self.store.alerts_of(fingerprints)
        except Exception:
            log.exception("Alert batch not read; reading alerts one by one")
            return {}

    def _merge_alert(self, alert: Alert | None, waiting: list[UnmergedEvents], until: float) -> tuple[int, bool]:
        """Merge events of an alert; return how many, and whether another sweep has merged all of them instead."""
        fingerprint = waiting[0].fingerprint
        count, lost, forgotten = 0, 0, Counter[int]()
        try:
            while waiting and lost < ATTEMPTS and self.clock.now() < until:
                merge = self._what_fits(alert or Alert.about(records_of(waiting)[0].event), waiting)
                if not self._is_written(merge):
                    log.info("Write conflict; will retry", extra={"fingerprint": fingerprint})
                    # Only what was tried is retried: reading thousands again takes long enough to lose the next race
                    # too.
                    tried, others = waiting[: len(merge.merged)], waiting[len(merge.merged) :]
                    waiting = [*self.store.unmerged_now(tried), *others]
                    if waiting:
                        lost, alert = lost + 1, self.ledger.alert(fingerprint)
                    continue
                lost, waiting = 0, merge.rest
                count += sum(len(each.records) for each in merge.merged)
                forgotten.update(merge.uncounted)
                alert = replace(merge.alert, version=merge.alert.version + 1)
        finally:
            if forgotten:
                self.hourly.count(fingerprint, forgotten)
        return count, not (count or waiting)

    def _is_written(self, merge: Merge) -> bool:
        recording = self.ledger.merge(merge.changed, merge.alert, merge.pending, merged=merge.merged)
        return recording is Recording.RECORDED

    def _what_fits(self, alert: Alert, waiting: Sequence[UnmergedEvents], room: int = MOST_WRITES) -> Merge:
        """Decide on as many of an alert's events as fit one transaction, together with their notifications."""
        now = self.clock.now()
        merged, rest = that_fit(waiting, room)
        records = records_of(merged)
        decision, uncounted = self.hourly.carry(
            alert, decide(alert, [each.event for each in records], self.policy(), now), now
        )
        decided = [_decided(*each, now) for each in zip(records, decision.events, strict=True)]
        merge = Merge(
            alert=decision.alert,
            merged=merged,
            rest=rest,
            changed=[after for before, after in zip(records, decided, strict=True) if after is not before],
            pending=decision.pending,
            uncounted=uncounted,
        )
        if merge.writes > MOST_WRITES and len(records) > 1:
            return self._what_fits(alert, waiting, min(room - 1, room * MOST_WRITES // merge.writes))
        return merge


def _decided(record: Record, decided: DecidedEvent, now: int) -> Record:
    """Return a record with its outcome; unchanged where it has that outcome already."""
    # Labels are read again each time, and stored in the alert only.
    event = replace(decided.event, labels=record.event.labels)
    after = replace(record, event=event, change=decided.change, outcome=decided.outcome)
    return record if after == record else replace(after, updated_at=now)
