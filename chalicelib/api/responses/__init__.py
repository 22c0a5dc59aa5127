"""Responses: what clients see, as models; OpenAPI and the values on the wire both follow from them."""

from typing import TYPE_CHECKING

from chalicelib.api.lazy import lazily
from chalicelib.api.responses.base import Context

if TYPE_CHECKING:
    from chalicelib.api.responses.agents import Agent, AgentPage, CoveragePage, WholeAgent
    from chalicelib.api.responses.alert_actions import AlertActionResults, SilencePreview
    from chalicelib.api.responses.alert_timeline import AlertTimeline
    from chalicelib.api.responses.alerts import Alert, AlertPage, WholeAlert
    from chalicelib.api.responses.events import Event, EventPage, WholeEvent
    from chalicelib.api.responses.failure import FailureResponse
    from chalicelib.api.responses.health import Health
    from chalicelib.api.responses.notifications import Notification, NotificationPage
    from chalicelib.api.responses.silences import Silence, SilencePage

__all__ = [
    "Agent",
    "AgentPage",
    "Alert",
    "AlertActionResults",
    "AlertPage",
    "AlertTimeline",
    "Context",
    "CoveragePage",
    "Event",
    "EventPage",
    "FailureResponse",
    "Health",
    "Notification",
    "NotificationPage",
    "Silence",
    "SilencePage",
    "SilencePreview",
    "WholeAgent",
    "WholeAlert",
    "WholeEvent",
]

__getattr__ = lazily(
    __name__,
    {
        "agents": ("Agent", "AgentPage", "CoveragePage", "WholeAgent"),
        "alert_actions": ("AlertActionResults", "SilencePreview"),
        "alert_timeline": ("AlertTimeline",),
        "alerts": ("Alert", "AlertPage", "WholeAlert"),
        "events": ("Event", "EventPage", "WholeEvent"),
        "failure": ("FailureResponse",),
        "health": ("Health",),
        "notifications": ("Notification", "NotificationPage"),
        "silences": ("Silence", "SilencePage"),
    },
)
