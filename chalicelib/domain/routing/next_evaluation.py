"""Due: when an alert next needs tending, as time alone will have made a difference by then."""

from collections.abc import Iterable
from itertools import chain

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.events.event import DAY
from chalicelib.domain.routing.matchers import MatchContext, hours_of, match_at_some_hour
from chalicelib.domain.routing.notification_policy import NEVER, Policy, quiet_at, reevaluate
from chalicelib.domain.routing.silences import FOREVER

# What a silence holds back is looked at again after so many seconds, as somebody may have lifted it before its end.
HELD_BACK = 900
# What nothing will be said of as things stand is looked at again nonetheless: another routes file may be in force.
RECONSIDERED = DAY


def with_next_evaluation(alert: Alert, policy: Policy, now: int) -> Alert:
    """Return the alert with the time at which it next needs tending.

    A time set before is left, if it is sooner: to tend once for nothing costs less than to move with each event. What
    could be told already, and was not, waits a while.
    """
    due = due_at(alert, policy, now)
    if 0 < due <= now:
        due = now + HELD_BACK
    return replace(alert, due=min(due, alert.due) if due and alert.due else due)


def due_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when the alert next needs tending (epoch seconds), 0 for never."""
    due = min(quiet_at(alert, policy), _owed_at(alert, policy, now))
    return due if due < NEVER else 0


def _owed_at(alert: Alert, policy: Policy, now: int) -> int:
    """Return when something is owed if nothing happens until then, or when it may be that something has changed."""
    ahead = sorted(at for at in set(_turning_points(alert, policy, now)) if at > now)
    pending = next((at for at in (now, *ahead) if reevaluate(alert, policy, at).deliveries), NEVER)
    return pending if pending <= now else min(pending, _reconsidered_at(alert, policy, now, is_owed=pending < NEVER))


def _reconsidered_at(alert: Alert, policy: Policy, now: int, *, is_owed: bool) -> int:
    silence = policy.silence(alert, now)
    if silence is not None and reevaluate(alert, replace(policy, silences=()), now).deliveries:
        return now + (HELD_BACK if silence.ends_at < FOREVER else RECONSIDERED)
    goes_on = alert.status is Status.FIRING and alert.announcement is not None
    return now + RECONSIDERED if goes_on and not is_owed else NEVER


def _turning_points(alert: Alert, policy: Policy, now: int) -> Iterable[int]:
    """Return when it may become another question who is to hear of the alert, or whether there is news of it."""
    sight = MatchContext(alert, now, policy.accounts)
    routes = [each for each in policy.routes if match_at_some_hour(each.matchers, sight)]
    silences = [each for each in policy.silences if match_at_some_hour(each.matchers, sight)]
    told = alert.announcement
    if told is not None:
        yield from (told.at + route.repeat_interval for route in routes)
        yield alert.turned_at + policy.flapping.window
    yield from (silence.ends_at for silence in silences if silence.ends_at < FOREVER)
    matchers = (*(each.matchers for each in routes), *(each.matchers for each in silences))
    for hours in set(hours_of(chain.from_iterable(matchers))):
        yield from hours.turns(now)
