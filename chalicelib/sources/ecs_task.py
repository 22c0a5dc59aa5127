"""ECS tasks: a task could not start, or a container of it failed; not one that scaling or a person stopped.

The group is the service that the task is of, or the family of a task that runs by itself: the next ones of it that fail
are the same problem, and nothing says that it is over.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, and stopped-task-error-codes.html
"""

from typing import Annotated
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import parse_time
from chalicelib.sources.schema import Declaration, Detail, Many, Name, Part, Text, console

FAILED_TO_START, EXITED = "TaskFailedToStart", "EssentialContainerExited"
STOPPED = "STOPPED"
# An exit after SIGTERM, which is what ECS sends to whatever it stops.
TERMINATED = "143"
OUT_OF_MEMORY = "OutOfMemory"


class Container(Part, frozen=True, kw_only=True):
    """A container of the task, and how it ended."""

    name: Text = ""
    exit_code: Text = field(name="exitCode", default="")
    reason: Text = ""

    @property
    def has_failed(self) -> bool:
        """Return whether it ended otherwise than it should."""
        return self.exit_code not in {"", "0", TERMINATED} or OUT_OF_MEMORY in self.reason

    @property
    def end(self) -> str:
        """How it ended, in a few words."""
        code = f"exit code {self.exit_code}" if self.exit_code else ""
        return f"{self.name}: {self.reason or code}"


class TaskStateChange(Detail, frozen=True, kw_only=True):
    """A task's change of state; ECS numbers them in `version`."""

    arn: Name = field(name="taskArn")
    cluster: Text = field(name="clusterArn", default="")
    group: Text = ""
    definition: Text = field(name="taskDefinitionArn", default="")
    status: Text = field(name="lastStatus", default="")
    code: Text = field(name="stopCode", default="")
    reason: Text = field(name="stoppedReason", default="")
    version: Text = ""
    stopped_at: Text = field(name="stoppedAt", default="")
    containers: Annotated[tuple[Container, ...], Many] = ()

    def summary(self, envelope: Envelope) -> Summary:
        """Take the tasks of a service, or of a family, for one problem."""
        failed = next((each.end for each in self.containers if each.has_failed), "")
        fires = self.status == STOPPED and (self.code == FAILED_TO_START or (self.code == EXITED and bool(failed)))
        name = self.group.partition(":")[2] or _last(self.definition) or _last(self.arn)
        return Summary(
            title=f"ECS {name}: {self._what(failed) if fires else self.status.lower() or 'task changed'}",
            severity=Severity.HIGH if fires else Severity.LOW,
            identity=(envelope.account, envelope.region, self.cluster, self.group or _last(self.definition)),
            occurrence=(self.arn, self.version, self.status),
            signal=Signal.FIRING if fires else Signal.NOTICE,
            lifecycle=Lifecycle.POINT,
            resource=name,
            state=self.status,
            at=parse_time(self.stopped_at),
            link=_link(envelope.region, self.arn),
        )

    def _what(self, failed: str) -> str:
        return f"task failed to start: {self.reason}" if self.code == FAILED_TO_START else f"task failed, {failed}"


def _last(arn: str) -> str:
    """Return the last part of an ARN without its revision."""
    return arn.rpartition("/")[2].partition(":")[0]


def _link(region: str, arn: str) -> str:
    """Return the link to `arn:aws:ecs:<region>:<account>:task/<cluster>/<id>` in the console."""
    match arn.split("/"):
        case [_, cluster, task]:
            places = (quote(each, safe="") for each in (cluster, task))
            return console(region, "ecs/v2", "").partition("/home")[0] + "/clusters/{}/tasks/{}".format(*places)
        case _:
            return ""


_CODES = [FAILED_TO_START, EXITED]

SOURCE = Declaration(
    TaskStateChange,
    source="aws.ecs",
    detail_types=("ECS Task State Change",),
    group="availability",
    filters={
        "ECS Task State Change": {
            "lastStatus": [STOPPED],
            "$or": [
                {"stopCode": [FAILED_TO_START]},
                {"stopCode": [EXITED], "containers": {"exitCode": [{"anything-but": [0, 143]}]}},
                {"stopCode": [EXITED], "containers": {"reason": [{"prefix": OUT_OF_MEMORY}]}},
            ],
        }
    },
    endless=True,
    identity="account, region, cluster, service or family",
    occurrence="task, version, state",
    origin="envelope, envelope, when it stopped",
)
