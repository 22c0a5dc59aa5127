"""Deploys: what CloudFormation was doing to an account shortly before errors began there."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import DAY

# A fault that a deployment brings is hit within an hour, or by chance; later than that, other reasons are likelier.
SHORTLY = 3_600

# What a stack's status says was done to it; a later stage of the same deployment says it again.
COMPLETED = {
    "CREATE_COMPLETE": "created",
    "UPDATE_COMPLETE": "updated",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "updated",
    "UPDATE_ROLLBACK_COMPLETE": "rolled back",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "rolled back",
    "DELETE_COMPLETE": "deleted",
}
IN_PROGRESS = {
    "CREATE_IN_PROGRESS": "created",
    "UPDATE_IN_PROGRESS": "updated",
    "UPDATE_ROLLBACK_IN_PROGRESS": "rolled back",
    "DELETE_IN_PROGRESS": "deleted",
}
OPERATIONS = COMPLETED | IN_PROGRESS


class Deploy(Struct, frozen=True, kw_only=True):
    """A change of a stack `seconds_before` errors began; `in_progress` means that it was still going on then."""

    stack: str
    operation: str
    account: str
    region: str
    at: int
    seconds_before: int
    in_progress: bool


def began_at(event: Event) -> int:
    """Return when what an event reports began: its first log line where it says so, else its own time.

    A line that came late is up to hours older than the event that reports it.
    """
    first_at = event.detail.get("first_at") if isinstance(event.detail, dict) else None
    plausible = isinstance(first_at, int) and event.published_at - DAY <= first_at <= event.published_at
    return first_at if plausible and isinstance(first_at, int) else event.published_at


def deploy_before(events: Iterable[Event], resource: str, at: int) -> Deploy | None:
    """Return the deploy that errors of a resource which began `at` most likely came with; None where there was none.

    Of several stacks it is the one that the resource is named after, as CloudFormation does, else the last changed.
    """
    latest: dict[str, Event] = {}
    for event in sorted(events, key=lambda each: each.id):
        if event.kind == "stack" and at - SHORTLY <= event.published_at <= at:
            latest[event.resource] = event
    deploys = [_deploy(event, at) for event in latest.values() if event.state in OPERATIONS]
    return max(deploys, key=lambda each: (_is_named_after(resource, each.stack), each.at, each.stack), default=None)


def _deploy(event: Event, at: int) -> Deploy:
    return Deploy(
        stack=event.resource,
        operation=OPERATIONS[event.state],
        account=event.account,
        region=event.region,
        at=event.published_at,
        seconds_before=at - event.published_at,
        in_progress=event.state in IN_PROGRESS,
    )


def _is_named_after(resource: str, stack: str) -> bool:
    return stack != "" and f"{resource}-".startswith(f"{stack}-")
