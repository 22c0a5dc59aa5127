"""The decision: what events change in their alert, and who is notified of each."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Change
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import (
    Notification,
    Outcome,
    notifications_of,
    record_announcement,
)
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event
from chalicelib.domain.routing.status_updates import NO_NEWS, with_spread


class DecidedEvent(Struct, frozen=True):
    """One event with its final severity, what it changed, and its outcome."""

    event: Event
    change: Change
    outcome: Outcome


class Decision(Struct, frozen=True):
    """The alert after its events, the outcome of each, and all notifications."""

    alert: Alert
    events: tuple[DecidedEvent, ...]
    pending: tuple[Notification, ...]


def observe(alert: Alert, event: Event, policy: Policy) -> tuple[Alert, Event, Change]:
    """Return the alert with the event included and counted; the event with its final severity; and the change."""
    graded = policy.graded(event, alert)
    after, change = alert.observe(graded)
    return policy.counted(after, graded), graded, change


def decide(alert: Alert, events: Iterable[Event], policy: Policy, now: int) -> Decision:
    """Let an alert observe events, one after the other, and decide who is notified of each."""
    decided: list[DecidedEvent] = []
    pending: dict[str, Notification] = {}
    for each in events:
        before = alert
        alert, event, change = observe(before, each, policy)
        outcome = evaluate_event(alert, change, event, policy, now)
        if outcome.reason in NO_NEWS:
            outcome = with_spread(outcome, before, alert, policy)
        alert = record_announcement(alert, outcome, now)
        decided.append(DecidedEvent(event, change, outcome))
        pending |= {made.id: made for made in notifications_of(alert, event, outcome, now)}
    return Decision(with_next_evaluation(alert, policy, now), tuple(decided), tuple(pending.values()))
