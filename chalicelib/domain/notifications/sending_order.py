"""The sending order: which pending notifications are sent first, and which together."""

from collections.abc import Iterable, Sequence

from chalicelib.domain.notifications.notification import BEGINNINGS, Notification
from chalicelib.domain.notifications.waiting import passed_by


def worst_first(pending: Iterable[Notification]) -> list[Notification]:
    """Sort notifications, the most severe first, and what is resolved last."""
    return sorted(pending, key=urgency)


def problems_in_order(pending: Iterable[Notification]) -> list[Notification]:
    """Sort notifications by problem, most severe first, and those of each problem in the order of events."""
    problems: dict[str, list[Notification]] = {}
    for each in pending:
        problems.setdefault(each.fingerprint or each.id, []).append(each)
    ordered = (sorted(together, key=_course) for together in problems.values())
    return [each for together in sorted(ordered, key=_gravity) for each in together]


def sent_together(pending: Sequence[Notification], *, by_problem: bool = False) -> Sequence[Notification]:
    """Return the first notification with its whole group, or with all about its problem if that is wanted or over."""
    first = pending[0]
    if first.group:
        return [each for each in pending if each.group == first.group]
    about = [each for each in pending if first.fingerprint and each.fingerprint == first.fingerprint]
    return about if about and (by_problem or passed_by(about)) else pending[:1]


def urgency(notification: Notification) -> tuple[bool, int, int, str]:
    """Return a sort key, most urgent first: what is over comes last, then by severity and time."""
    return notification.is_over, -notification.severity, notification.created_at, notification.id


def _course(notification: Notification) -> tuple[int, int, int, str, str]:
    """Return a sort key by time; within a second, first the start, last the end, and others by their events."""
    rank = (notification.reason not in BEGINNINGS) + notification.is_over
    return notification.episode, notification.created_at, rank, notification.event_id, notification.id


def _gravity(together: Sequence[Notification]) -> tuple[bool, int, int, str]:
    worst = max(each.severity for each in together)
    return all(each.is_over for each in together), -worst, together[0].created_at, together[0].id
