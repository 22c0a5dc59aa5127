"""Hourly caps: counts each message to a receiver, and enqueues a notice when the receiver's cap is reached."""

from typing import TYPE_CHECKING

from chalicelib.domain.notifications.hourly_cap import CAP, HOUR, notice_of

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Notification
    from chalicelib.services.notifying.ports import CallBudgets
    from chalicelib.services.ports import Outbox


def count_message(
    budgets: "CallBudgets", outbox: "Outbox", receiver: str, per_hour: int, now: int
) -> "Notification | None":
    """Count a message about to be sent; return the notice, once an hour, where the cap is reached."""
    if budgets.take(f"{CAP}/{receiver}", now - now % HOUR, per_hour):
        return None
    notice = notice_of(receiver, per_hour, now)
    outbox.enqueue(notice)
    return notice
