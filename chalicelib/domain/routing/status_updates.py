"""Status updates: receivers that show a problem's state are also notified of people's actions, and of its spread."""

from collections.abc import Mapping

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason
from chalicelib.domain.routing.notification_policy import Policy

REASONS: Mapping[Status, Reason] = {Status.ACKNOWLEDGED: Reason.ACKNOWLEDGED, Status.FIRING: Reason.REOPENED}


# What an event is to those who know of its problem, and of whom it is no news.
NO_NEWS = frozenset({Reason.REPEATED, Reason.ACKNOWLEDGED})


def with_spread(outcome: Outcome, before: Alert, after: Alert, policy: Policy) -> Outcome:
    """Return the outcome of an event that is no news, as news to receivers whose one message lists the locations.

    They are notified of each new account and region; all others at certain numbers only.
    """
    last = after.announcement
    if outcome.deliveries or last is None or after.places <= before.places:
        return outcome
    living = [each for each in policy.named(last.receivers) if each in policy.living]
    if not living:
        return outcome
    return replace(outcome, reason=Reason.SPREAD, deliveries=dict.fromkeys(living, Delivery.PENDING))


def with_status_update(outcome: Outcome, alert: Alert, policy: Policy) -> Outcome:
    """Return the outcome of a person's action that is no news, as news to receivers that show the state.

    They are notified if they were notified of the problem, even during a silence: it is no announcement.
    """
    last = alert.announcement
    if outcome.deliveries or alert.status not in REASONS or last is None or last.over:
        return outcome
    showing = [each for each in policy.named(last.receivers) if each in policy.status_receivers]
    if not showing:
        return outcome
    return replace(outcome, reason=REASONS[alert.status], deliveries=dict.fromkeys(showing, Delivery.PENDING))
