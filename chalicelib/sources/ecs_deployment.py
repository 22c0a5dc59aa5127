"""ECS deployments: the deployment of a service began, reached its steady state, or failed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
"""

from urllib.parse import quote

from msgspec import field

from chalicelib.domain.alerts.suspect_deploy import DeployWords
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import iso, parse_time
from chalicelib.sources.schema import Declaration, Detail, Name, Text, console_page

STATES = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": (Severity.LOW, Signal.NOTICE),
    "SERVICE_DEPLOYMENT_COMPLETED": (Severity.LOW, Signal.RESOLVED),
    "SERVICE_DEPLOYMENT_FAILED": (Severity.HIGH, Signal.FIRING),
}
PHRASES = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "deployment began",
    "SERVICE_DEPLOYMENT_COMPLETED": "deployed",
    "SERVICE_DEPLOYMENT_FAILED": "deployment failed",
}
UNLISTED = (Severity.UNKNOWN, Signal.FIRING)


class DeploymentState(Detail, frozen=True, kw_only=True):
    """How a service's deployment stands; which service it is only the envelope says."""

    event: Name = field(name="eventName")
    deployment: Name = field(name="deploymentId")
    updated: Text = field(name="updatedAt", default="")
    reason: Text = ""

    def summary(self, envelope: Envelope) -> Summary:
        """Let the next deployment that completes end what one that failed began."""
        severity, signal = STATES.get(self.event, UNLISTED)
        arn = next((each for each in envelope.resources if ":service/" in each), "")
        service = arn.partition(":service/")[2] or self.deployment
        identity = (envelope.account, envelope.region, service)
        return Summary(
            title=f"ECS service {service}: {PHRASES.get(self.event, self.event)}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.deployment, self.event, self.updated or iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.POINT,
            at=parse_time(self.updated),
            resource=service,
            state=self.event,
            link=_link(envelope.region, service),
        )


def _link(region: str, service: str) -> str:
    """Return the page of a service's deployments; ARNs of old have no cluster, and lead to none."""
    cluster, _, name = service.partition("/")
    path = f"ecs/v2/clusters/{quote(cluster, safe='')}/services/{quote(name, safe='')}/deployments"
    return console_page(region, path) if name else ""


SOURCE = Declaration(
    DeploymentState,
    source="aws.ecs",
    group="deployments",
    detail_types=("ECS Deployment State Change",),
    deploys=DeployWords(
        "ECS service",
        done={"SERVICE_DEPLOYMENT_COMPLETED": "deployed", "SERVICE_DEPLOYMENT_FAILED": "deployed in part"},
        in_progress={"SERVICE_DEPLOYMENT_IN_PROGRESS": "deployed"},
    ),
    identity="account, region, cluster and service",
    occurrence="identity, deployment, state, its time",
    origin="envelope, envelope, state's time",
)
