"""Escalation: who else is notified when nobody acknowledges a problem, and when an acknowledgement lapses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Announcement, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.routing.reminders import NEVER

if TYPE_CHECKING:
    from chalicelib.domain.routing.routes import MatchedRoutes


class EscalationStep(Struct, frozen=True):
    """Who is notified when nobody has acknowledged a problem for so many seconds since it was announced."""

    after: int
    receivers: tuple[str, ...]


def receivers_due(alert: Alert, last: Announcement, matched: "MatchedRoutes", now: int) -> tuple[str, ...]:
    """Return those whom a problem has been escalated to by now, and who were not notified of it."""
    due = (step for at, step in _steps(alert, last, matched) if at <= now)
    receivers = dict.fromkeys(receiver for step in due for receiver in step.receivers)
    return tuple(each for each in receivers if each not in last.receivers)


def escalates_at(alert: Alert, last: Announcement, matched: "MatchedRoutes") -> int:
    """Return when a problem next reaches somebody who was not notified of it, if nobody acknowledges it; NEVER."""
    steps = _steps(alert, last, matched)
    return min((at for at, step in steps if not {*step.receivers} <= {*last.receivers}), default=NEVER)


def ack_expires_at(alert: Alert, matched: "MatchedRoutes") -> int:
    """Return when the acknowledgement of a problem lapses: as soon as any of its routes says so; NEVER."""
    expiries = [route.ack_expires for route in matched.routes if route.ack_expires]
    marked = alert.marked
    if alert.status is not Status.ACKNOWLEDGED or marked is None or not expiries:
        return NEVER
    return marked.at + min(expiries)


def _steps(alert: Alert, last: Announcement, matched: "MatchedRoutes") -> Iterator[tuple[int, EscalationStep]]:
    """Iterate over the steps of a problem that nobody looks after, each with when it is due."""
    is_open = alert.status is Status.FIRING and not last.over and not last.flapping
    if not is_open or last.episodes != alert.episodes:
        return
    marked = alert.marked
    begun = max(last.begun, marked.at if marked and marked.kind is TransitionKind.REOPENED else 0)
    for route in matched.routes:
        for step in route.escalate:
            yield begun + step.after, step
