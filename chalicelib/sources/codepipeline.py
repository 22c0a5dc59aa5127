"""CodePipeline: an execution of a pipeline began, succeeded, failed or was stopped.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
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
# One that is cancelled, stopped or superseded was so on purpose, and says nothing of the failure before it.
STATES = {
    "STARTED": _GOES_ON,
    "RESUMED": _GOES_ON,
    "STOPPING": _GOES_ON,
    "STOPPED": _GOES_ON,
    "CANCELED": _GOES_ON,
    "SUPERSEDED": _GOES_ON,
    "SUCCEEDED": (Severity.LOW, Signal.RESOLVED),
    "FAILED": (Severity.HIGH, Signal.FIRING),
}
UNLISTED = (Severity.UNKNOWN, Signal.FIRING)


class PipelineExecutionChange(Detail, frozen=True, kw_only=True):
    """An execution's change of state."""

    pipeline: Name
    execution: Text = field(name="execution-id", default="")
    state: Name

    def summary(self, envelope: Envelope) -> Summary:
        """Let the next execution that succeeds end what one that failed began."""
        severity, signal = STATES.get(self.state, UNLISTED)
        identity = (envelope.account, envelope.region, self.pipeline)
        return Summary(
            title=f"Pipeline {self.pipeline}: {self.state.lower()}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.execution, self.state, iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.POINT,
            resource=self.pipeline,
            state=self.state,
            link=_link(envelope.region, self.pipeline),
        )


def _link(region: str, pipeline: str) -> str:
    """Return the page of a pipeline, which is in the console of the developer tools."""
    return console_page(region, f"codesuite/codepipeline/pipelines/{quote(pipeline, safe='')}/view")


SOURCE = Declaration(
    PipelineExecutionChange,
    source="aws.codepipeline",
    group="deployments",
    detail_types=("CodePipeline Pipeline Execution State Change",),
    deploys=DeployWords("pipeline", done={"SUCCEEDED": "run"}, in_progress={"STARTED": "run", "RESUMED": "run"}),
    identity="account, region, pipeline",
    occurrence="identity, execution, state, time",
    origin="envelope",
)
