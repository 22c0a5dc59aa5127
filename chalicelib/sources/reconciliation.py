"""Reconciliations: the hub compares AWS's counts of a day's events with what it handled and stored."""

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary, event_id_of
from chalicelib.domain.reports.reconciliation import ReconciliationState
from chalicelib.domain.timestamps import iso
from chalicelib.sources.schema import Declaration, Detail, End, Name

MEANINGS = {
    ReconciliationState.BALANCED: ("all are accounted for", Severity.LOW, Signal.RESOLVED),
    ReconciliationState.UNMEASURED: ("AWS counted none", Severity.LOW, Signal.NOTICE),
    ReconciliationState.SUSPECTED: ("some may be missing", Severity.LOW, Signal.NOTICE),
    ReconciliationState.MISSING: ("some are missing", Severity.HIGH, Signal.FIRING),
    ReconciliationState.FAILING: ("some could not be delivered", Severity.HIGH, Signal.FIRING),
}


class ReconciliationResult(Detail, frozen=True, kw_only=True):
    """What was counted of the day that ended at `until`."""

    stage: Name
    state: ReconciliationState
    until: End

    def summary(self, envelope: Envelope) -> Summary:
        """Take a stage's reconciliations for one problem, and a day's for one event, however often it is compared."""
        meaning, severity, signal = MEANINGS[self.state]
        identity = (envelope.account, envelope.region, self.stage)
        return Summary(
            title=f"Events of {iso(self.until)[:10]} at the hub monitoring-{self.stage}: {meaning}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, str(self.until)),
            signal=signal,
            at=self.until,
            resource=f"monitoring-{self.stage}",
        )


def event_id_in(account: str, region: str, stage: str, until: int) -> str:
    """Return the id of the event about the day that ends at `until`; account and region are the hub's."""
    return event_id_of("reconciliation", until, (account, region, stage, str(until)))


SOURCE = Declaration(
    ReconciliationResult,
    source="monitoring.hub",
    detail_types=("Daily Reconciliation",),
    sent_by_hub=True,
    identity="hub's account, region, stage",
    occurrence="identity, until when it counts",
    origin="hub's, hub's, until when it counts",
)
