"""CloudFormation StackSets: an operation, or what it did in one account and region, failed or succeeded.

The hub's own agents are deployed so. What deploys into other accounts says so in the account that has the StackSet.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stackset-stack-instance-status-change.html
"""

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import iso
from chalicelib.sources.schema import Declaration, Detail, Name, Part, Text, console

_GOES_ON = (Severity.LOW, Signal.NOTICE)
_WELL = (Severity.LOW, Signal.RESOLVED)
_FAILED = (Severity.HIGH, Signal.FIRING)

# Every detailed status of an instance, and every status of an operation; both have some in common.
STATUSES = {
    "PENDING": _GOES_ON,
    "QUEUED": _GOES_ON,
    "RUNNING": _GOES_ON,
    "STOPPING": _GOES_ON,
    "STOPPED": _GOES_ON,
    "CANCELLED": _GOES_ON,
    "SKIPPED_SUSPENDED_ACCOUNT": _GOES_ON,
    "SUCCEEDED": _WELL,
    "FAILED": _FAILED,
    "FAILED_IMPORT": _FAILED,
    "INOPERABLE": _FAILED,
}
UNLISTED = (Severity.UNKNOWN, Signal.FIRING)
INOPERABLE = "INOPERABLE"


class InstanceStatus(Part, frozen=True, kw_only=True):
    """How an instance stands; `detailed` is how its last operation went."""

    status: Text = ""
    detailed: Text = field(name="detailed-status", default="")

    @property
    def decisive(self) -> str:
        """The status that says whether there is a problem."""
        return INOPERABLE if self.status == INOPERABLE else self.detailed or self.status


class StackInstanceChange(Detail, frozen=True, kw_only=True):
    """What an operation did, or could not do, in one account and region."""

    arn: Name = field(name="stack-set-arn")
    stack: Text = field(name="stack-id", default="")
    details: InstanceStatus = field(name="status-details")

    def summary(self, envelope: Envelope) -> Summary:
        """Take each account and region of a StackSet for a problem of its own."""
        status, target = self.details.decisive, _target(self.stack)
        severity, signal = STATUSES.get(status, UNLISTED)
        identity = (*_identity(self.arn, envelope), *target)
        return Summary(
            title=f"StackSet {_name(self.arn)} in {' '.join(filter(None, target)) or 'an account'}: {_said(status)}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, status, self.details.status, iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.CONTINUOUS if status == INOPERABLE else Lifecycle.POINT,
            resource=_name(self.arn),
            state=status,
            link=_link(self.arn),
        )


class OperationStatus(Part, frozen=True, kw_only=True):
    """How an operation goes."""

    status: Name


class OperationChange(Detail, frozen=True, kw_only=True):
    """An operation on a StackSet as a whole."""

    arn: Name = field(name="stack-set-arn")
    operation: Text = field(name="stack-set-operation-id", default="")
    action: Text = ""
    details: OperationStatus = field(name="status-details")

    def summary(self, envelope: Envelope) -> Summary:
        """Let the next operation that succeeds end what one that failed began."""
        status, identity = self.details.status, _identity(self.arn, envelope)
        severity, signal = STATUSES.get(status, UNLISTED)
        what = self.action.lower().replace("_", " ") or "operation"
        return Summary(
            title=f"StackSet {_name(self.arn)}: {what} {_said(status)}",
            severity=severity,
            identity=identity,
            occurrence=(*identity, self.operation, status, iso(envelope.time)),
            signal=signal,
            lifecycle=Lifecycle.POINT,
            resource=_name(self.arn),
            state=status,
            link=_link(self.arn),
        )


def _identity(arn: str, envelope: Envelope) -> tuple[str, ...]:
    return (envelope.account, envelope.region, _name(arn))


def _name(arn: str) -> str:
    """Return the name in `arn:aws:cloudformation:<region>:<account>:stackset/<name>:<guid>`."""
    return arn.partition(":stackset/")[2].partition(":")[0] or arn


def _target(stack_arn: str) -> tuple[str, str]:
    """Return the account and the region that a stack's ARN names."""
    match stack_arn.split(":"):
        case ["arn", _, "cloudformation", region, account, *_]:
            return (account, region)
        case _:
            return ("", "")


def _said(status: str) -> str:
    return status.lower().replace("_", " ")


def _link(arn: str) -> str:
    region = arn.split(":")[3] if arn.count(":") > 3 else ""  # noqa: PLR2004 - as in an ARN
    found = arn.partition(":stackset/")[2]
    return console(region, "cloudformation", f"/stacksets/{found}/info") if found.replace(":", "").isascii() else ""


SOURCE = Declaration(
    StackInstanceChange,
    source="aws.cloudformation",
    detail_types=("CloudFormation StackSet StackInstance Status Change",),
    others={"CloudFormation StackSet Operation Status Change": OperationChange},
    identity="account, region, StackSet's name; of an instance, its account and region too",
    occurrence="identity, operation, status, time",
    origin="envelope",
)
