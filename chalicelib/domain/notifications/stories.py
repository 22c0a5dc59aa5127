"""Stories: what has become of a problem, in the few words that a notification leaves for it."""

from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.text import clean, plural

LONGEST_NAME = 40
STORIES = {
    Reason.REGRESSION: "fired again",
    Reason.WORSENED: "got worse",
    Reason.JOINED: "in more accounts",
    Reason.FLAPPING: "flapping",
    Reason.STABLE: "stopped flapping, still firing",
    Reason.ACKNOWLEDGED: "acknowledged",
    Reason.REOPENED: "reopened",
}
STILL_FIRING = (Reason.STEP, Reason.REMINDER)


def story_of(notification: Notification) -> str:
    """Say what a notification says beyond that there is a problem; nothing where it is new."""
    if notification.reason in STILL_FIRING:
        return f"still firing, {plural(notification.count, 'time')}"
    if notification.resolved_by:
        return f"by {clean(notification.resolved_by, LONGEST_NAME)}"
    return STORIES.get(notification.reason, "")
