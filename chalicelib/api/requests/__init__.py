"""Requests: what clients may say, as models; whatever does not fit is refused, all of it at once."""

from typing import TYPE_CHECKING

from chalicelib.api.fields import AgentPlace as AgentId
from chalicelib.api.fields import EventId, Fingerprint, NotificationId, SilenceId
from chalicelib.api.lazy import lazily
from chalicelib.api.requests.base import Body, Query

if TYPE_CHECKING:
    from chalicelib.api.requests.agents import AgentName, NewAgent
    from chalicelib.api.requests.alerts import AlertActions, Redelivery, Remark
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

__getattr__ = lazily(
    __name__,
    {
        "agents": ("AgentName", "NewAgent"),
        "alerts": ("AlertActions", "Redelivery", "Remark"),
        "lists": ("AgentQuery", "AlertQuery", "CoverageQuery", "EventQuery", "NotificationQuery", "SilenceQuery"),
        "silences": ("NewSilence", "SilenceChange"),
    },
)
