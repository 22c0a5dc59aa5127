"""Canaries: the hub reports that a region's canaries stopped arriving, or arrive again."""

from typing import Literal

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.sources.schema import Declaration, Detail, Name, Time

MEANINGS = {
    "missing": ("do not arrive", Severity.HIGH, Signal.FIRING),
    "arriving": ("arrive again", Severity.LOW, Signal.RESOLVED),
}


class CanaryStateChange(Detail, frozen=True, kw_only=True):
    """The canaries of a region have stopped arriving, or arrive again; the last one was sent at `sent_at`."""

    stage: Name
    region: Name
    state: Literal["missing", "arriving"]
    sent_at: Time
    at: Time

    def summary(self, envelope: Envelope) -> Summary:
        """Take each region for a problem of its own."""
        meaning, severity, signal = MEANINGS[self.state]
        identity = (envelope.account, self.region, self.stage)
        return Summary(
            title=f"Events from {self.region} {meaning} at the hub monitoring-{self.stage}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.state, str(self.sent_at)),
            signal=signal,
            region=self.region,
            at=self.at,
            resource=f"monitoring-{self.stage}",
        )


SOURCE = Declaration(
    CanaryStateChange,
    source="monitoring.hub",
    detail_types=("Canary State Change",),
    sent_by_hub=True,
    identity="hub's account, agents' region, stage",
    occurrence="identity, state, when the last one was sent",
    origin="hub's, agents' region, when it was checked",
)
