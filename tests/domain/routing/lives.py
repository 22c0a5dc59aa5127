"""Whole lives of a problem: its events, and all that time makes of it in between, in simulated time."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Reason, record_announcement
from chalicelib.domain.routing.decision import decide
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate
from chalicelib.domain.routing.routes import Route
from tests.domain.given import NOON

POLICY = Policy((Route(name="all", receivers=("monitoring",)),))
MINUTE = 60


class Sent(NamedTuple):
    """A message: so many seconds after noon, and why."""

    at: int
    reason: Reason


class Life(NamedTuple):
    """What became of a problem: all messages about it, and how it stands."""

    sent: list[Sent]
    alert: Alert

    @property
    def reasons(self) -> list[Reason]:
        """Why there was a message, in order."""
        return [each.reason for each in self.sent]


def life_of(events: Iterable[Event], until: int, policy: Policy = POLICY) -> Life:
    """Let the events happen one after the other, and time pass until so many seconds after noon."""
    given = sorted(events, key=lambda event: event.id)
    alert, sent = Alert.about(given[0]), list[Sent]()
    for event in given:
        alert = _pass(alert, event.published_at, policy, sent)
        decision = decide(alert, [event], policy, event.published_at)
        (decided,) = decision.events
        if decided.outcome.deliveries:
            sent.append(Sent(event.published_at - NOON, decided.outcome.reason))
        alert = decision.alert
    return Life(sent, _pass(alert, NOON + until, policy, sent))


def _pass(alert: Alert, until: int, policy: Policy, sent: list[Sent]) -> Alert:
    """Let time pass as the evaluator does, at the first full minute in which the alert is due."""
    while 0 < alert.due <= until:
        now = -(-alert.due // MINUTE) * MINUTE
        alert, outcome = evaluate(alert, policy, now)
        if outcome.deliveries:
            sent.append(Sent(now - NOON, outcome.reason))
        alert = with_next_evaluation(replace(record_announcement(alert, outcome, now), due=0), policy, now)
        assert not 0 < alert.due <= now
    return alert
