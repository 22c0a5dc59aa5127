"""Who hears of what people do: receivers that follow an alert, if they were notified of it."""

import pytest

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason, record_announcement
from chalicelib.domain.routing.notification_policy import Policy, evaluate_event, reevaluate
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.routing.status_updates import with_status_update
from tests.domain.given import NOON, a_resolution, an_event

POLICY = Policy((Route(name="all", receivers=("ops", "pager")),), status_receivers=frozenset({"pager", "nobody"}))


def announced(*events: Event) -> Alert:
    """Return the alert of these events, each announced."""
    alert = Alert.about(events[0])
    for event in events:
        alert, change = alert.observe(event)
        outcome = evaluate_event(alert, change, event, POLICY, event.published_at)
        alert = record_announcement(alert, outcome, event.published_at)
    return alert


def outcome_of(alert: Alert, *kinds: TransitionKind, policy: Policy = POLICY) -> Outcome:
    """Return the outcome of the last of these deeds."""
    for second, kind in enumerate(kinds, 60):
        alert = alert.mark(kind, NOON + second, "on-call")
    return with_status_update(reevaluate(alert, policy, NOON + 99), alert, policy)


def test_followers_hear_that_somebody_acknowledged_an_alert_and_nobody_else_does() -> None:
    outcome = outcome_of(announced(an_event()), TransitionKind.ACKNOWLEDGED)

    assert outcome == Outcome(reason=Reason.ACKNOWLEDGED, by="all", deliveries={"pager": Delivery.PENDING})


def test_followers_hear_that_an_acknowledged_alert_was_reopened() -> None:
    outcome = outcome_of(announced(an_event()), TransitionKind.ACKNOWLEDGED, TransitionKind.REOPENED)

    assert (outcome.reason, [*outcome.deliveries]) == (Reason.REOPENED, ["pager"])


def test_what_is_news_to_everybody_is_left_as_it_is() -> None:
    outcome = outcome_of(announced(an_event()), TransitionKind.RESOLVED)

    assert (outcome.reason, [*outcome.deliveries]) == (Reason.RESOLVED, ["ops", "pager"])


@pytest.mark.parametrize(
    "alert", [Alert.about(an_event()).observe(an_event())[0], announced(an_event(), a_resolution(NOON + 1))]
)
def test_what_was_not_announced_or_is_over_is_followed_by_nobody(alert: Alert) -> None:
    assert "pager" not in with_status_update(Outcome(reason=Reason.REPEATED), alert, POLICY).deliveries


def test_without_followers_an_acknowledgement_is_no_news() -> None:
    policy = Policy(POLICY.routes)

    assert outcome_of(announced(an_event()), TransitionKind.ACKNOWLEDGED, policy=policy).deliveries == {}


def test_what_people_do_is_no_announcement_that_would_put_off_a_reminder() -> None:
    alert = announced(an_event())
    outcome = outcome_of(alert, TransitionKind.ACKNOWLEDGED)

    assert record_announcement(alert, outcome, NOON + 99) == alert
