"""CloudFormation stacks: a deployment began, succeeded, failed or was rolled back.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
"""

from fnmatch import fnmatchcase
from typing import NamedTuple, Self
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.agents.agent import Deployment
from chalicelib.domain.alerts.suspect_deploy import DeployWords
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import iso
from chalicelib.sources.registry import AGENT_STACKS
from chalicelib.sources.schema import Declaration, Detail, Name, Part, Text, console

EVENT = ("aws.cloudformation", "CloudFormation Stack Status Change")

_GOES_ON = (Severity.LOW, Signal.NOTICE)
_WELL = (Severity.LOW, Signal.RESOLVED)
_FAILED = (Severity.HIGH, Signal.FIRING)
_STUCK = (Severity.CRITICAL, Signal.FIRING)

# Every status that CloudFormation has. A rollback that ends well is still a deployment that failed; one that fails
# leaves a stack that nobody can update, and somebody has to help.
STATUSES = {
    "CREATE_IN_PROGRESS": _GOES_ON,
    "CREATE_FAILED": _FAILED,
    "CREATE_COMPLETE": _WELL,
    "ROLLBACK_IN_PROGRESS": _FAILED,
    "ROLLBACK_FAILED": _STUCK,
    "ROLLBACK_COMPLETE": _FAILED,
    "DELETE_IN_PROGRESS": _GOES_ON,
    "DELETE_FAILED": _FAILED,
    "DELETE_COMPLETE": _WELL,
    "UPDATE_IN_PROGRESS": _GOES_ON,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": _GOES_ON,
    "UPDATE_COMPLETE": _WELL,
    "UPDATE_FAILED": _FAILED,
    "UPDATE_ROLLBACK_IN_PROGRESS": _FAILED,
    "UPDATE_ROLLBACK_FAILED": _STUCK,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": _GOES_ON,
    "UPDATE_ROLLBACK_COMPLETE": _FAILED,
    "REVIEW_IN_PROGRESS": _GOES_ON,
    "IMPORT_IN_PROGRESS": _GOES_ON,
    "IMPORT_COMPLETE": _WELL,
    "IMPORT_ROLLBACK_IN_PROGRESS": _FAILED,
    "IMPORT_ROLLBACK_FAILED": _STUCK,
    "IMPORT_ROLLBACK_COMPLETE": _FAILED,
}
# What a person would say of a stack in that status.
PHRASES = {
    "CREATE_IN_PROGRESS": "being created",
    "CREATE_FAILED": "creation failed",
    "CREATE_COMPLETE": "created",
    "ROLLBACK_IN_PROGRESS": "creation failed, rolling back",
    "ROLLBACK_FAILED": "creation failed, rollback failed",
    "ROLLBACK_COMPLETE": "creation failed, rolled back",
    "DELETE_IN_PROGRESS": "being deleted",
    "DELETE_FAILED": "deletion failed",
    "DELETE_COMPLETE": "deleted",
    "UPDATE_IN_PROGRESS": "being updated",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "updated, cleaning up",
    "UPDATE_COMPLETE": "updated",
    "UPDATE_FAILED": "update failed",
    "UPDATE_ROLLBACK_IN_PROGRESS": "update failed, rolling back",
    "UPDATE_ROLLBACK_FAILED": "update failed, rollback failed",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "update failed, rolled back, cleaning up",
    "UPDATE_ROLLBACK_COMPLETE": "update failed, rolled back",
    "REVIEW_IN_PROGRESS": "waiting for its first change set",
    "IMPORT_IN_PROGRESS": "importing resources",
    "IMPORT_COMPLETE": "resources imported",
    "IMPORT_ROLLBACK_IN_PROGRESS": "import failed, rolling back",
    "IMPORT_ROLLBACK_FAILED": "import failed, rollback failed",
    "IMPORT_ROLLBACK_COMPLETE": "import failed, rolled back",
}
# A status that CloudFormation has learnt since.
UNLISTED = (Severity.UNKNOWN, Signal.FIRING)


class StackId(NamedTuple):
    """A stack's ARN, and what it says: `arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>`."""

    arn: str
    region: str
    account: str
    name: str

    @classmethod
    def parse(cls, arn: str) -> Self:
        """Read a stack's ARN; ValueError where it is none."""
        match arn.split(":"):
            case ["arn", _, "cloudformation", region, account, resource] if resource.startswith("stack/"):
                return cls(arn, region, account, resource.split("/")[1])
            case _:
                raise ValueError("not a stack's ARN")


class StatusDetails(Part, frozen=True, kw_only=True):
    """Where the stack is now."""

    status: Name


class StackStatusChange(Detail, frozen=True, kw_only=True):
    """A stack's change of status; the stack's ARN names account and region."""

    arn: Name = field(name="stack-id")
    details: StatusDetails = field(name="status-details")

    @property
    def stack(self) -> StackId:
        """What the stack's ARN says; ValueError where it is none."""
        return StackId.parse(self.arn)

    def summary(self, envelope: Envelope) -> Summary:
        """Take a stack by its name, so that one that is created again settles what its predecessor left."""
        stack, status = self.stack, self.details.status
        severity, signal = STATUSES.get(status, UNLISTED)
        return Summary(
            title=f"Stack {stack.name}: {PHRASES.get(status, status)}",
            severity=severity,
            identity=(stack.account, stack.region, stack.name),
            occurrence=(stack.arn, status, iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.CONTINUOUS if (severity, signal) == _STUCK else Lifecycle.POINT,
            account=stack.account,
            region=stack.region,
            resource=stack.name,
            state=status,
            link=link_to(stack),
        )


class Drift(Part, frozen=True, kw_only=True):
    """How a stack's resources stand to its template."""

    status: Text = field(name="stack-drift-status", default="")
    detection: Text = field(name="detection-status", default="")


DRIFTS = {"DRIFTED": "has drifted", "IN_SYNC": "has not drifted"}


class DriftCount(Part, frozen=True, kw_only=True):
    """How many resources were found to have drifted."""

    count: Text = field(name="drifted-stack-resource-count", default="")


class DriftDetected(Detail, frozen=True, kw_only=True):
    """Somebody had a stack compared with its template; a notice, whatever came of it."""

    arn: Name = field(name="stack-id")
    details: Drift = field(name="status-details", default=Drift())
    drifted: DriftCount = field(name="drift-detection-details", default=DriftCount())

    def summary(self, envelope: Envelope) -> Summary:
        """Say how many of its resources are not as the template says."""
        count = f", {self.drifted.count} of its resources" if self.drifted.count not in {"", "0"} else ""
        status = (self.details.detection or self.details.status).lower().replace("_", " ")
        said = DRIFTS.get(self.details.status) or f"drift {status}"
        return _notice(self.arn, "drift", f"{said}{count}", envelope)


class ResourceStatusChange(Detail, frozen=True, kw_only=True):
    """One of a stack's resources changed its status: a notice, as the stack itself says what comes of it."""

    arn: Name = field(name="stack-id")
    resource: Name = field(name="logical-resource-id")
    type: Text = field(name="resource-type", default="")
    details: StatusDetails = field(name="status-details")

    def summary(self, envelope: Envelope) -> Summary:
        """Name the resource and its status."""
        said = f"{self.resource} {self.details.status.lower().replace('_', ' ')}"
        return _notice(self.arn, self.resource, said, envelope)


def _notice(arn: str, about: str, said: str, envelope: Envelope) -> Summary:
    stack = StackId.parse(arn)
    return Summary(
        title=f"Stack {stack.name}: {said}",
        severity=Severity.LOW,
        identity=(stack.account, stack.region, stack.name, about),
        signal=Signal.NOTICE,
        account=stack.account,
        region=stack.region,
        resource=stack.name,
        link=link_to(stack),
        at=envelope.time,
    )


def link_to(stack: StackId) -> str:
    """Return the link to a stack in the console."""
    return console(stack.region, "cloudformation", f"/stacks/stackinfo?stackId={quote(stack.arn, safe='')}")


def is_agent_stack(name: str) -> bool:
    """Return whether a stack of this name is an agent's."""
    return any(fnmatchcase(name, pattern) for pattern in AGENT_STACKS)


def deployment_of(envelope: Envelope) -> Deployment | None:
    """Return what a stack's change of status says of an agent; None where it is no agent's stack, or unreadable."""
    if (envelope.source, envelope.detail_type) != EVENT:
        return None
    try:
        change = StackStatusChange.read(envelope.detail)
        stack = change.stack
    except ValueError:
        return None
    if not is_agent_stack(stack.name):
        return None
    return Deployment(
        account=stack.account, region=stack.region, status=change.details.status, at=envelope.time, stack_id=stack.arn
    )


# A stack that is created, updated, deleted or rolled back changes what runs; one whose status only says that it failed
# is about to be rolled back.
DEPLOYS = DeployWords(
    "stack",
    done={
        "CREATE_COMPLETE": "created",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "updated",
        "UPDATE_COMPLETE": "updated",
        "ROLLBACK_COMPLETE": "rolled back",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "rolled back",
        "UPDATE_ROLLBACK_COMPLETE": "rolled back",
        "DELETE_COMPLETE": "deleted",
    },
    in_progress={
        "CREATE_IN_PROGRESS": "created",
        "UPDATE_IN_PROGRESS": "updated",
        "ROLLBACK_IN_PROGRESS": "rolled back",
        "UPDATE_ROLLBACK_IN_PROGRESS": "rolled back",
        "DELETE_IN_PROGRESS": "deleted",
    },
)

SOURCE = Declaration(
    StackStatusChange,
    source=EVENT[0],
    detail_types=EVENT[1:],
    others={
        "CloudFormation Drift Detection Status Change": DriftDetected,
        "CloudFormation Resource Status Change": ResourceStatusChange,
    },
    filters={
        "CloudFormation Drift Detection Status Change": {"status-details": {"stack-drift-status": ["DRIFTED"]}},
        "CloudFormation Resource Status Change": {"status-details": {"status": [{"suffix": "_FAILED"}]}},
    },
    deploys=DEPLOYS,
    identity="account, region, stack's name",
    occurrence="stack's ARN, status, time",
    origin="stack's ARN, stack's ARN, envelope",
)
