"""Next evaluation: when time alone will make a difference to an alert."""

from itertools import pairwise

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.routing.notification_policy import Policy, news_at, quiet_at
from chalicelib.domain.routing.reminders import NEVER
from chalicelib.domain.routing.silences import FOREVER
from chalicelib.domain.timestamps import DAY

# Seconds after which a silenced alert is evaluated again, as its silence may have been ended.
HELD_BACK = 900
# Seconds after which an inhibiting alert is evaluated again, as it may have been silenced.
WATCHED = 300
# Seconds after which any other alert is evaluated again, as the routes file may have changed.
RECONSIDERED = DAY


def with_next_evaluation(alert: Alert, policy: Policy, now: int) -> Alert:
    """Return the alert with the time of its next evaluation.

    An earlier time stays: one unnecessary evaluation costs less than a move with each event. An alert that could be
    announced already, and was not, waits a while. One that starts or stops inhibiting others is evaluated at once, with
    those others. A silenced one only checks whether its silence was ended, and so can wait.
    """
    due = due_at(alert, policy, now)
    if 0 < due <= now:
        due = now + HELD_BACK
    can_wait = due in {now + HELD_BACK, now + RECONSIDERED} and policy.silence(alert, now) is not None
    inhibits = policy.inhibitions.is_source(alert, now)
    if inhibits or alert.inhibits:
        watched_at = now + WATCHED if inhibits and alert.inhibits else now
        due, can_wait = min(due, watched_at) if due else watched_at, False
    if due and 0 < alert.due < due:
        due, can_wait = alert.due, alert.can_wait and not inhibits and policy.silence(alert, now) is not None
    return replace(alert, due=due, inhibits=inhibits, can_wait=can_wait)


def due_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when the alert next needs evaluating (epoch seconds), 0 for never."""
    announced = _announced_at(alert, policy, now)
    if announced > now:
        announced = min(announced, _reconsidered_at(alert, policy, now, is_news=announced < NEVER))
    due = min(quiet_at(alert, policy), announced)
    return due if due < NEVER else 0


def _announced_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when the alert will be news that nothing suppresses, if nothing happens; NEVER within a week.

    Between two boundaries, its routes and silences stay the same.
    """
    boundaries = {boundary for boundary in policy.boundaries(alert, now) if now < boundary < FOREVER}
    for start, end in pairwise((now, *sorted(boundaries), NEVER)):
        news = news_at(alert, policy, start)
        if news < end:
            return news
    return NEVER


def _reconsidered_at(alert: Alert, policy: Policy, now: int, *, is_news: bool) -> int:
    """Return when to evaluate the alert again in case a silence was ended or the routes file changed.

    So is an alert that another one has just begun to inhibit: that decision may not have known that the other was over.
    """
    silence = policy.silence(alert, now)
    if silence is not None and news_at(alert, replace(policy, silences=()), now) <= now:
        return now + (HELD_BACK if silence.ends_at < FOREVER else RECONSIDERED)
    if alert.inhibited is not None and alert.inhibited.at == now:
        return now + HELD_BACK
    goes_on = alert.status is Status.FIRING and alert.announcement is not None
    return now + RECONSIDERED if goes_on and not is_news else NEVER
