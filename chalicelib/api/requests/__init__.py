"""Requests: models of what clients may send; invalid input is refused with all errors at once."""

from typing import TYPE_CHECKING

from chalicelib.api.fields import AgentPlace as AgentId
from chalicelib.api.fields import EventId, Fingerprint, NotificationId, SilenceId
from chalicelib.api.lazy import lazily
from chalicelib.api.requests.base import Body, QueryParameters

if TYPE_CHECKING:
    from chalicelib.api.requests.agents import AgentName, NewAgent
    from chalicelib.api.requests.alerts import AlertActions, Redelivery, Remark
    from chalicelib.api.requests.lists import (
        AgentParameters,
        AlertParameters,
        CoverageParameters,
        EventParameters,
        NotificationParameters,
        SilenceParameters,
    )
    from chalicelib.api.requests.silences import NewSilence, SilenceChange

__all__ = [
    "AgentId",
    "AgentName",
    "AgentParameters",
    "AlertActions",
    "AlertParameters",
    "Body",
    "CoverageParameters",
    "EventId",
    "EventParameters",
    "Fingerprint",
    "NewAgent",
    "NewSilence",
    "NotificationId",
    "NotificationParameters",
    "QueryParameters",
    "Redelivery",
    "Remark",
    "SilenceChange",
    "SilenceId",
    "SilenceParameters",
]

__getattr__ = lazily(
    __name__,
    {
        "agents": ("AgentName", "NewAgent"),
        "alerts": ("AlertActions", "Redelivery", "Remark"),
        "lists": (
            "AgentParameters",
            "AlertParameters",
            "CoverageParameters",
            "EventParameters",
            "NotificationParameters",
            "SilenceParameters",
        ),
        "silences": ("NewSilence", "SilenceChange"),
    },
)
