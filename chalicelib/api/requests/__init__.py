"""Requests: what clients may say, as models; whatever does not fit is refused, all of it at once."""

from chalicelib.api.fields import AgentPlace as AgentId
from chalicelib.api.fields import EventId, Fingerprint, NotificationId, SilenceId
from chalicelib.api.requests.agents import AgentName, NewAgent
from chalicelib.api.requests.alerts import AlertActions, Redelivery, Remark
from chalicelib.api.requests.base import Body, Query
from chalicelib.api.requests.lists import (
    AgentQuery,
    AlertQuery,
    CoverageQuery,
    EventQuery,
    NotificationQuery,
    SilenceQuery,
)
from chalicelib.api.requests.silences import NewSilence, SilenceChange

__all__ = [
    "AgentId",
    "AgentName",
    "AgentQuery",
    "AlertActions",
    "AlertQuery",
    "Body",
    "CoverageQuery",
    "EventId",
    "EventQuery",
    "Fingerprint",
    "NewAgent",
    "NewSilence",
    "NotificationId",
    "NotificationQuery",
    "Query",
    "Redelivery",
    "Remark",
    "SilenceChange",
    "SilenceId",
    "SilenceQuery",
]
