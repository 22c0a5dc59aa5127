"""CodeDeploy: a deployment to a deployment group began, succeeded, failed or was stopped.

https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
"""

from urllib.parse import quote

from msgspec import field

from chalicelib.domain.alerts.suspect_deploy import DeployWords
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import iso
from chalicelib.sources.schema import Declaration, Detail, Name, Text, console_page

_GOES_ON = (Severity.LOW, Signal.NOTICE)
STATES = {
    "START": _GOES_ON,
    "READY": _GOES_ON,
    "STOP": _GOES_ON,
    "SUCCESS": (Severity.LOW, Signal.RESOLVED),
    "FAILURE": (Severity.HIGH, Signal.FIRING),
}
PHRASES = {
    "START": "deployment began",
    "READY": "deployment is ready",
    "STOP": "deployment stopped",
    "SUCCESS": "deployed",
    "FAILURE": "deployment failed",
}
UNLISTED = (Severity.UNKNOWN, Signal.FIRING)


class DeploymentChange(Detail, frozen=True, kw_only=True):
    """A deployment's change of state."""

    application: Name
    group: Name = field(name="deploymentGroup")
    deployment: Text = field(name="deploymentId", default="")
    state: Name

    def summary(self, envelope: Envelope) -> Summary:
        """Let the next deployment to the group that succeeds end what one that failed began."""
        severity, signal = STATES.get(self.state, UNLISTED)
        identity, name = (envelope.account, envelope.region, self.application, self.group), self._name()
        return Summary(
            title=f"CodeDeploy {name}: {PHRASES.get(self.state, self.state)}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.deployment, self.state, iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.POINT,
            resource=name,
            state=self.state,
            link=_link(envelope.region, self.deployment),
        )

    def _name(self) -> str:
        return self.application if self.group == self.application else f"{self.application}/{self.group}"


def _link(region: str, deployment: str) -> str:
    """Return the page of a deployment, which is in the console of the developer tools."""
    path = f"codesuite/codedeploy/deployments/{quote(deployment, safe='')}"
    return console_page(region, path) if deployment else ""


SOURCE = Declaration(
    DeploymentChange,
    source="aws.codedeploy",
    group="deployments",
    detail_types=("CodeDeploy Deployment State-change Notification",),
    deploys=DeployWords(
        "deployment group",
        done={"SUCCESS": "deployed", "FAILURE": "deployed in part"},
        in_progress={"START": "deployed"},
    ),
    identity="account, region, application, deployment group",
    occurrence="identity, deployment, state, time",
    origin="envelope",
)
