"""The decision: what events make of their alert, and who is notified of each."""

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


class Decision(Struct, frozen=True):
    """The alert after its events, what each of them changed and its outcome, and the notifications of all of them."""

    alert: Alert
    outcomes: tuple[tuple[Change, Outcome], ...]
    pending: tuple[Notification, ...]


def observe(alert: Alert, event: Event, policy: Policy) -> tuple[Alert, Change]:
    """Return the alert with the event taken into account, and counted where a route counts; and what it changed."""
    alert, change = alert.observe(event)
    return policy.counted(alert, event), change


def decide(alert: Alert, events: Iterable[Event], policy: Policy, now: int) -> Decision:
    """Let an alert observe events, one after the other, and decide who is notified of each."""
    outcomes: list[tuple[Change, Outcome]] = []
    pending: dict[str, Notification] = {}
    for event in events:
        alert, change = observe(alert, event, policy)
        outcome = evaluate_event(alert, change, event, policy, now)
        alert = record_announcement(alert, outcome, now)
        outcomes.append((change, outcome))
        pending |= {each.id: each for each in notifications_of(alert, event, outcome, now)}
    return Decision(with_next_evaluation(alert, policy, now), tuple(outcomes), tuple(pending.values()))
