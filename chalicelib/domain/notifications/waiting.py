"""Waiting: pending notifications that are held back for a while, so that related ones are sent together."""

from collections.abc import Callable, Iterable

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import BEGINNINGS, Notification, Reason

type LastSent = Callable[[str], int]
"""Returns when a message about a group was last sent (epoch seconds); 0 where none was."""


def due(pending: Iterable[Notification], now: int, last_sent: LastSent) -> list[Notification]:
    """Return the notifications that may be sent by `now`.

    Once one of those that wait has waited long enough, all of them are sent. Later news of a waiting problem waits too,
    so that nobody gets the end before the start. CRITICAL notifications never wait.
    """
    every = list(pending)
    of_groups = {each.id for each in every if _next_of_group(each, last_sent) > now}
    waiting = of_groups | {each.id for each in every if each.send_at > now}
    if any(0 < each.send_at <= now for each in every if each.id not in of_groups):
        waiting = of_groups
    held = {_problem(each) for each in every if each.id in waiting}
    held -= {_problem(each) for each in every if each.severity is Severity.CRITICAL and not each.is_over}
    return [each for each in every if _problem(each) not in held]


def passed_by(together: Iterable[Notification]) -> bool:
    """Return whether these are about one problem that began and ended before any of them was sent."""
    every = list(together)
    reasons = {each.reason for each in every}
    is_one = len({(each.fingerprint, each.episode) for each in every}) == 1
    return is_one and Reason.RESOLVED in reasons and not reasons.isdisjoint(BEGINNINGS)


def _next_of_group(notification: Notification, last_sent: LastSent) -> int:
    if not notification.group or not notification.group_interval:
        return 0
    last = last_sent(notification.group)
    return last + notification.group_interval if last else 0


def _problem(notification: Notification) -> str:
    return notification.fingerprint or notification.id
