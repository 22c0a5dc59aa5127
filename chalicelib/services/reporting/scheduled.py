"""Scheduled notifications: what all reports have in common."""

from typing import Any

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import REPORT, Notification, Reason


def scheduled(**values: Any) -> Notification:
    """Return the notification that carries a report."""
    return Notification(receiver=REPORT, reason=Reason.SCHEDULED, severity=Severity.LOW, **values)
