"""Reconciliation: compares each day what AWS counted of the hub's events with what the hub handled and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.notifications.notification import Delivery, Record
from chalicelib.domain.reports.reconciliation import DayCounts
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.handlers import EVENT_HANDLERS, rules_of
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.services.operations.ports import EventMetric
from chalicelib.sources.reconciliation import event_id_in
from chalicelib.sources.registry import RECONCILIATION

if TYPE_CHECKING:
    from chalicelib.services.operations.ports import Metrics
    from chalicelib.services.ports import Clock, EventStore
    from chalicelib.services.reporting.daily_report import DayReading

# Metrics may be minutes late, so the day compared ends an hour before the one reported.
SETTLED_AFTER = 3_600
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
MATCHED, INVOKED = "MatchedEvents", "Invocations"
RULE_FAILURES = ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
RECEIVED = "AsyncEventsReceived"
FUNCTION_FAILURES = ("AsyncEventsDropped", "DestinationDeliveryFailures")
# Metrics that the filters in infra/hub.yaml derive from the hub's own log lines.
HANDLED, STORED = "Handled", "Stored"


class Reconciliation(Struct, frozen=True):
    """Reconciles the events of a stage; a step is short if more than `percent` of its events are missing.

    `counts_lines` says whether the hub writes the log lines that CloudWatch counts.
    """

    metrics: Metrics
    event_store: EventStore
    ingest: Ingest
    clock: Clock
    stage: str
    percent: int
    counts_lines: bool

    def run(
        self, account: str, region: str, midnight: int, *, announce: bool = True, reading: DayReading | None = None
    ) -> Record:
        """Compare the day that ended an hour before `midnight`, and store the result; account and region are the hub's.

        The first result of a day stays, however often this runs. A `reading` gets the events that are read for it.
        """
        until = midnight - SETTLED_AFTER
        counts = self.compare(until - DAY, until, reading)
        before = event_id_in(account, region, self.stage, until - DAY)
        # The day before only matters if too many are missing.
        was_short = bool(counts.short_steps(self.percent)) and self._was_short(before)
        state = counts.state(self.percent, was_short=was_short)
        if reading:
            # It may have been stored even if taking it in failed later.
            reading.stored_since = event_id_in(account, region, self.stage, until)
        record = self.ingest.take(self._envelope(state, counts, until, account, region), announce=announce)
        if reading:
            reading.stored_since = record.event.id
            # What is about to become of an event is not what the day's report is to say of it.
            reading.stored = None if record.outcome.status is Delivery.PENDING else record
        return record

    def _was_short(self, event_id: str) -> bool:
        record = self.event_store.find(event_id)
        return record is not None and is_short(record)

    def compare(self, since: int, until: int, reading: DayReading | None = None) -> DayCounts:
        """Return the counts from `since` to `until`, both full hours."""
        metrics = metrics_of(self.stage)
        sums: dict[str, int] = {}
        for metric, count in zip(metrics, self.metrics.sums(metrics, since, until), strict=True):
            sums[metric.name] = sums.get(metric.name, 0) + count
        return DayCounts(
            matched=sums[MATCHED],
            invoked=sums[INVOKED],
            received=sums[RECEIVED],
            handled=sums[HANDLED] if self.counts_lines else None,
            stored=sums[STORED] if self.counts_lines else None,
            kept=self._kept(since, until, reading),
            failures={name: sums[name] for name in (*RULE_FAILURES, *FUNCTION_FAILURES) if sums[name]},
        )

    def _kept(self, since: int, until: int, reading: DayReading | None) -> int:
        """Count the events in the table that arrived in that time.

        Those more than a day old on arrival are left out.
        """
        recent = self.event_store.between(since - DAY, reading.until if reading else until)
        records = reading.follow(recent) if reading else recent
        return sum(since <= each.event.received_at < until and each.event.days_old == 0 for each in records)

    def _envelope(self, state: str, counts: DayCounts, until: int, account: str, region: str) -> Envelope:
        detail = {
            "stage": self.stage,
            "state": state,
            "since": until - DAY,
            "until": until,
            "matched": counts.matched,
            "invoked": counts.invoked,
            "received": counts.received,
            "handled": counts.handled,
            "stored": counts.stored,
            "kept": counts.kept,
            "missing": [{"step": each.name, "count": each.missing} for each in counts.steps() if each.missing],
            "failures": [{"metric": name, "count": count} for name, count in counts.failures.items()],
            "is_short": bool(counts.short_steps(self.percent)),
            "replay": f"python -m infra.replay --stage {self.stage} --since {iso(until - DAY)} --until {iso(until)}",
        }
        raw = {
            "source": RECONCILIATION.source,
            "detail-type": RECONCILIATION.detail_type,
            "account": account,
            "region": region,
            "time": iso(until),
            "detail": detail,
        }
        return Envelope.parse(raw, self.clock.now())


def metrics_of(stage: str) -> tuple[EventMetric, ...]:
    """Return the metrics of a stage's events: of its rules, of its functions' queues, and of its log."""
    rules = [rule for handler in EVENT_HANDLERS for rule in rules_of(stage, handler)]
    return (
        *(
            EventMetric("AWS/Events", name, (("RuleName", rule),))
            for rule in rules
            for name in (MATCHED, INVOKED, *RULE_FAILURES)
        ),
        *(
            EventMetric("AWS/Lambda", name, (("FunctionName", f"monitoring-{stage}-{handler}"),))
            for handler in EVENT_HANDLERS
            for name in (RECEIVED, *FUNCTION_FAILURES)
        ),
        *(EventMetric(f"monitoring-{stage}", name) for name in (HANDLED, STORED)),
    )


def is_short(record: Record) -> bool:
    """Return whether too many events were missing on the day of a reconciliation."""
    return isinstance(record.event.detail, dict) and record.event.detail.get("is_short") is True
