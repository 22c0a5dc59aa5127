"""Status phrases: what has become of a problem since it was first announced, as few words for a message."""

from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.text import clean, plural
from chalicelib.domain.timestamps import DAY

LONGEST_NAME = 40
PHRASES = {
    Reason.REGRESSION: "fired again",
    Reason.WORSENED: "got worse",
    Reason.UPDATE: "update",
    Reason.INHIBITED: "explained by another problem",
    Reason.RELEASED: "still firing, though what explained it is over",
    Reason.JOINED: "in more accounts or regions",
    Reason.SPREAD: "in more accounts or regions",
    Reason.FLAPPING: "flapping",
    Reason.STABLE: "stopped flapping, still firing",
    Reason.ACKNOWLEDGED: "acknowledged",
    Reason.REOPENED: "reopened",
    Reason.ESCALATED: "escalated, as nobody has acknowledged it",
    Reason.ACK_EXPIRED: "acknowledgement expired",
}
STILL_FIRING = (Reason.STEP, Reason.REMINDER)


def status_phrase(notification: Notification) -> str:
    """Return what a notification says of a known problem, such as `still firing, 3 times`; empty for a new one."""
    if notification.reason is Reason.REMINDER and notification.due_at:
        days = round((notification.due_at - notification.created_at) / DAY)
        return f"due in {plural(days, 'day')}" if days > 0 else "due now"
    if notification.reason in STILL_FIRING:
        there = "still firing" if notification.lifecycle is Lifecycle.CONTINUOUS else "again"
        return f"{there}, {plural(notification.count, 'time')}"
    if notification.resolved_by:
        return f"by {clean(notification.resolved_by, LONGEST_NAME)}"
    return PHRASES.get(notification.reason, "")
