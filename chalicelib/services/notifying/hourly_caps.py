"""Hourly caps: each message to a receiver is counted, and one says so when it has had as many as it takes."""

from typing import TYPE_CHECKING

from chalicelib.domain.notifications.hourly_cap import CAP, HOUR, notice_of

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Notification
    from chalicelib.services.notifying.ports import CallBudgets
    from chalicelib.services.ports import Outbox


def count_message(
    budgets: "CallBudgets", outbox: "Outbox", receiver: str, per_hour: int, now: int
) -> "Notification | None":
    """Count a message that will be sent; where the cap is reached, return what says so, once in an hour."""
    if budgets.take(f"{CAP}/{receiver}", now - now % HOUR, per_hour):
        return None
    notice = notice_of(receiver, per_hour, now)
    outbox.enqueue(notice)
    return notice
