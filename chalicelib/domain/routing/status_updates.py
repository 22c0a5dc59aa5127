"""Status updates: receivers that show how a problem stands hear of what people do about it, and where it spreads."""

from collections.abc import Mapping

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason
from chalicelib.domain.routing.notification_policy import Policy

REASONS: Mapping[Status, Reason] = {Status.ACKNOWLEDGED: Reason.ACKNOWLEDGED, Status.FIRING: Reason.REOPENED}


# What an event is to those who know of its problem, and of whom it is no news.
NO_NEWS = frozenset({Reason.REPEATED, Reason.ACKNOWLEDGED})


def with_spread(outcome: Outcome, before: Alert, after: Alert, policy: Policy) -> Outcome:
    """Return the outcome of an event that is no news, as news to those whose one message says where a problem is.

    They hear of each account and region that joins; all others of some of them.
    """
    last = after.announcement
    if outcome.deliveries or last is None or after.places <= before.places:
        return outcome
    living = [each for each in policy.named(last.receivers) if each in policy.living]
    if not living:
        return outcome
    return replace(outcome, reason=Reason.SPREAD, deliveries=dict.fromkeys(living, Delivery.PENDING))


def with_status_update(outcome: Outcome, alert: Alert, policy: Policy) -> Outcome:
    """Return the outcome of what a person has done to an alert, which was news to nobody, as news to those who show it.

    They hear of it if they were notified of the problem, whatever silence there is: it is no announcement.
    """
    last = alert.announcement
    if outcome.deliveries or alert.status not in REASONS or last is None or last.over:
        return outcome
    showing = [each for each in policy.named(last.receivers) if each in policy.status_receivers]
    if not showing:
        return outcome
    return replace(outcome, reason=REASONS[alert.status], deliveries=dict.fromkeys(showing, Delivery.PENDING))
