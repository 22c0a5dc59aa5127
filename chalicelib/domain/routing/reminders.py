"""Reminders: when and why an ongoing problem is announced again, depending on its lifecycle and news."""

from chalicelib.domain.alerts.alert import Alert, Announcement, Status
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import DAY

NEVER = 1 << 62
# Intervals grow: the second is three times the first, each later one twice the one before, up to a day. From four hours
# on they are 4 h, 12 h, 24 h, 24 h.
SECOND, FURTHER = 3, 2
TWICE = 2
# A planned problem is announced again so many seconds before it starts, and when it starts.
AHEAD = tuple(days * DAY for days in (14, 7, 3, 1, 0))


def reminder_at(alert: Alert, last: Announcement, repeat_interval: int) -> int:
    """Return when a reminder of an ongoing alert is due (epoch seconds), or NEVER as things are.

    Time alone is a reason only for continuous and planned problems. Recurring and point problems are announced again
    when they are seen again, once a day at most.
    """
    match alert.lifecycle:
        case Lifecycle.CONTINUOUS:
            return last.at + interval_at(last.at - alert.since, repeat_interval)
        case Lifecycle.PLANNED:
            return next((alert.due_at - ahead for ahead in AHEAD if alert.due_at - ahead > last.at), NEVER)
        case _:
            fired = alert.timeline.fired
            return fired.at if fired and fired.at - last.at >= max(DAY, repeat_interval) else NEVER


def interval_at(age: int, first: int) -> int:
    """Return the interval, in seconds, after an announcement of a problem of this age; at most a day, or `first`.

    The age tells how many intervals have passed.
    """
    interval, until = first, first
    while age >= until and interval < DAY:
        interval *= SECOND if interval == first else FURTHER
        until += interval
    return max(first, min(interval, DAY))


def reason_to_repeat(alert: Alert, last: Announcement, remind_at: int, now: int) -> Reason:
    """Return why a firing alert is announced again; REPEATED and ACKNOWLEDGED are reasons not to."""
    has_reached_a_step = _has_reached_a_step(alert, last)
    reasons = (
        (last.flapping, Reason.STABLE),
        (last.over or last.episodes != alert.episodes, Reason.REGRESSION),
        (alert.severity > last.severity, Reason.WORSENED),
        (alert.has_spread, Reason.JOINED),
        (alert.revision not in {"", last.revision}, Reason.UPDATE),
        (alert.status is Status.ACKNOWLEDGED, Reason.ACKNOWLEDGED),
        (alert.inhibited is not None, Reason.RELEASED),
        (has_reached_a_step, Reason.STEP),
        (remind_at <= now, Reason.REMINDER),
    )
    return next(iter([reason for holds, reason in reasons if holds]), Reason.REPEATED)


def _has_reached_a_step(alert: Alert, last: Announcement) -> bool:
    """Return whether a repeated problem has been seen so often that it is news.

    A recurring problem is news when seen for the second time. A point problem is not, as two events may report it, such
    as a deployment that failed and was rolled back.
    """
    if alert.lifecycle not in {Lifecycle.RECURRING, Lifecycle.RECHECKED, Lifecycle.POINT}:
        return False
    is_second = alert.lifecycle is Lifecycle.RECURRING and last.count < TWICE <= alert.count
    return is_second or step_of(alert.count) > step_of(last.count)


def step_of(count: int) -> int:
    """Return the power of ten that a count has reached: 1, 10, 100 …; 0 for none."""
    return 10 ** (len(str(count)) - 1) if count > 0 else 0
