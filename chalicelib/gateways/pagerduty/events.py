"""PagerDuty events: what is sent to a service's integration, by the Events API v2.

https://developer.pagerduty.com/docs/events-api-v2-overview
"""

from enum import StrEnum
from typing import Any

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.text import shortened
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.plain_messages.composer import is_over
from chalicelib.gateways.plain_messages.message import PlainMessage

SUMMARY, SOURCE, KEY, LINK_TEXT = 1_024, 255, 255, 100
# An UNKNOWN severity may be bad, so it is not the lowest.
SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    Severity.UNKNOWN: "warning",
}


class EventAction(StrEnum):
    """What an event does to an incident."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


def action_of(notification: Notification, record: Record | None) -> EventAction:
    """Return what a notification does to the incident of its problem."""
    if is_over(notification, record):
        return EventAction.RESOLVE
    is_acknowledged = notification.reason is Reason.ACKNOWLEDGED
    return EventAction.ACKNOWLEDGE if is_acknowledged else EventAction.TRIGGER


def key_of(notification: Notification) -> str:
    """Return what PagerDuty is to know an incident by: the problem's episode, or where there is none the message."""
    if not notification.fingerprint:
        return notification.id
    return f"{notification.fingerprint}-{notification.episode}"[:KEY]


def event_of(routing_key: str, action: EventAction, key: str) -> dict[str, Any]:
    """Return the event that acknowledges or resolves an incident."""
    return {"routing_key": routing_key, "event_action": action, "dedup_key": key}


def trigger_of(routing_key: str, key: str, notification: Notification, plain: PlainMessage) -> dict[str, Any]:
    """Return the event that opens an incident, or adds to it."""
    payload = {
        "summary": shortened(" · ".join(filter(None, (plain.title, plain.place, plain.status))), SUMMARY),
        "source": shortened(plain.place or "monitoring", SOURCE),
        "severity": SEVERITIES[notification.severity],
        "timestamp": iso(notification.created_at),
        "component": notification.kind,
        "group": notification.account,
        "class": notification.reason,
        "custom_details": dict(plain.facts),
    }
    links = [{"href": each.url, "text": each.label[:LINK_TEXT]} for each in plain.links]
    return event_of(routing_key, EventAction.TRIGGER, key) | {
        "client": "Monitoring",
        "payload": {name: value for name, value in payload.items() if value},
        "links": links,
    }
