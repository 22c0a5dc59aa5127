"""Responses: what clients see, as models; OpenAPI and the values on the wire both follow from them."""

from chalicelib.api.responses.agents import Agent, AgentPage, CoveragePage, WholeAgent
from chalicelib.api.responses.alerts import (
    Alert,
    AlertActionResults,
    AlertPage,
    AlertTimeline,
    SilencePreview,
    WholeAlert,
)
from chalicelib.api.responses.base import Context
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
