"""When an alert next needs evaluating, as time alone will have made a difference by then."""

from itertools import pairwise

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.routing.notification_policy import Policy, news_at, quiet_at
from chalicelib.domain.routing.reminders import NEVER
from chalicelib.domain.routing.silences import FOREVER
from chalicelib.domain.timestamps import DAY

# What a silence holds back is evaluated again after so many seconds, as somebody may have lifted it before its end.
HELD_BACK = 900
# What holds back others is evaluated again after so many seconds, as somebody may have silenced it.
WATCHED = 300
# What will not be announced as things stand is evaluated again nonetheless: another routes file may be in force.
RECONSIDERED = DAY


def with_next_evaluation(alert: Alert, policy: Policy, now: int) -> Alert:
    """Return the alert with the time at which it next needs evaluating.

    A time set before is left, if it is sooner: to evaluate once for nothing costs less than to move with each event.
    What could be announced already, and was not, waits a while. What begins to hold back others, or ends, is evaluated
    at once, and with it those others. What is silenced is only examined for somebody having lifted that, which can
    wait for what is due for more.
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
    """Return when the alert is news that nothing holds back, if nothing happens until then; NEVER within a week.

    Between two boundaries the same routes and silences are the alert's.
    """
    boundaries = {boundary for boundary in policy.boundaries(alert, now) if now < boundary < FOREVER}
    for start, end in pairwise((now, *sorted(boundaries), NEVER)):
        news = news_at(alert, policy, start)
        if news < end:
            return news
    return NEVER


def _reconsidered_at(alert: Alert, policy: Policy, now: int, *, is_news: bool) -> int:
    """Return when the alert is evaluated again as a silence may have been lifted, or the routes file have changed.

    So is what another alert has just begun to hold back: who decided that may not have known that the other was over.
    """
    silence = policy.silence(alert, now)
    if silence is not None and news_at(alert, replace(policy, silences=()), now) <= now:
        return now + (HELD_BACK if silence.ends_at < FOREVER else RECONSIDERED)
    if alert.inhibited is not None and alert.inhibited.at == now:
        return now + HELD_BACK
    goes_on = alert.status is Status.FIRING and alert.announcement is not None
    return now + RECONSIDERED if goes_on and not is_news else NEVER
