"""Escalation: who else is notified while nobody acknowledges a problem, and when acknowledgements expire."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Announcement, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.routing.reminders import NEVER


class EscalationStep(Struct, frozen=True):
    """Receivers to notify if nobody has acknowledged a problem for so many seconds since its announcement."""

    after: int
    receivers: tuple[str, ...]


def escalations(alert: Alert, last: Announcement, steps: Iterable[EscalationStep]) -> list[tuple[int, tuple[str, ...]]]:
    """Return when an unacknowledged problem reaches which further receivers."""
    is_open = alert.status is Status.FIRING and not last.over and not last.flapping
    if not is_open or last.episodes != alert.episodes:
        return []
    marked = alert.marked
    begun = max(last.begun, marked.at if marked and marked.kind is TransitionKind.REOPENED else 0)
    reached = ((begun + step.after, step.receivers) for step in steps)
    missed = ((at, tuple(each for each in receivers if each not in last.receivers)) for at, receivers in reached)
    return [(at, receivers) for at, receivers in missed if receivers]


def ack_lapses_at(alert: Alert, expires: int) -> int:
    """Return when an acknowledgement that expires after so many seconds does (0: never), or NEVER."""
    marked = alert.marked
    if alert.status is not Status.ACKNOWLEDGED or marked is None or not expires:
        return NEVER
    return marked.at + expires
