"""Failure destinations: the hub reports that failed events would be lost, or are kept again."""

from typing import Literal

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary, fingerprint_of
from chalicelib.sources.schema import Declaration, Detail, Name, Time

MEANINGS = {
    "suspected": ("may lose events", Severity.LOW, Signal.NOTICE),
    "missing": ("can lose events", Severity.HIGH, Signal.FIRING),
    "whole": ("no longer loses events", Severity.LOW, Signal.RESOLVED),
}


class FailureDestinationsChange(Detail, frozen=True, kw_only=True):
    """Which failure destinations of the hub are missing, as of `at` in epoch seconds."""

    stage: Name
    state: Literal["suspected", "missing", "whole"]
    missing: tuple[str, ...] = ()
    at: Time

    def summary(self, envelope: Envelope) -> Summary:
        """Count what is missing; a stage's failure destinations are one problem."""
        meaning, severity, signal = MEANINGS[self.state]
        what = f": {len(self.missing)} without a failure destination" if self.missing else ""
        identity = (envelope.account, envelope.region, self.stage)
        return Summary(
            title=f"The hub monitoring-{self.stage} {meaning}{what}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.state, str(self.at)),
            signal=signal,
            at=self.at,
            resource=f"monitoring-{self.stage}",
        )


def fingerprint_in(account: str, region: str, stage: str) -> str:
    """Return the fingerprint of all events about a stage's failure destinations."""
    return fingerprint_of("failure_destinations", account, region, stage)


SOURCE = Declaration(
    FailureDestinationsChange,
    source="monitoring.hub",
    detail_types=("Failure Destinations State Change",),
    sent_by_hub=True,
    identity="hub's account, region, stage",
    occurrence="identity, state, when it was checked",
    origin="hub's, hub's, when it was checked",
)
