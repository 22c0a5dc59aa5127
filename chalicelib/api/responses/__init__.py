"""Responses: models of what clients get; OpenAPI is generated from them."""

from typing import TYPE_CHECKING

from chalicelib.api.lazy import lazily
from chalicelib.api.responses.base import Context

if TYPE_CHECKING:
    from chalicelib.api.responses.agents import AgentPage, AgentResource, CoveragePage, WholeAgentResource
    from chalicelib.api.responses.alert_actions import AlertActionResults, SilencePreviewResource
    from chalicelib.api.responses.alert_timeline import AlertTimeline
    from chalicelib.api.responses.alerts import AlertPage, AlertResource, WholeAlertResource
    from chalicelib.api.responses.events import EventPage, EventResource, WholeEventResource
    from chalicelib.api.responses.failure import FailureResponse
    from chalicelib.api.responses.health import HealthResource
    from chalicelib.api.responses.notifications import NotificationPage, NotificationResource
    from chalicelib.api.responses.silences import SilencePage, SilenceResource

__all__ = [
    "AgentPage",
    "AgentResource",
    "AlertActionResults",
    "AlertPage",
    "AlertResource",
    "AlertTimeline",
    "Context",
    "CoveragePage",
    "EventPage",
    "EventResource",
    "FailureResponse",
    "HealthResource",
    "NotificationPage",
    "NotificationResource",
    "SilencePage",
    "SilencePreviewResource",
    "SilenceResource",
    "WholeAgentResource",
    "WholeAlertResource",
    "WholeEventResource",
]

__getattr__ = lazily(
    __name__,
    {
        "agents": ("AgentResource", "AgentPage", "CoveragePage", "WholeAgentResource"),
        "alert_actions": ("AlertActionResults", "SilencePreviewResource"),
        "alert_timeline": ("AlertTimeline",),
        "alerts": ("AlertResource", "AlertPage", "WholeAlertResource"),
        "events": ("EventResource", "EventPage", "WholeEventResource"),
        "failure": ("FailureResponse",),
        "health": ("HealthResource",),
        "notifications": ("NotificationResource", "NotificationPage"),
        "silences": ("SilenceResource", "SilencePage"),
    },
)
