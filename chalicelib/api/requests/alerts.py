"""Requests about alerts and notifications."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.fields import Duration, Fingerprint, Note
from chalicelib.api.requests.base import Body
from chalicelib.domain.routing.silences import LONGEST

MOST_ALERTS = 100


class Remark(Body):
    """A note on an action."""

    note: Annotated[Note, Field(description="One line; optional.", examples=["A deploy is on its way."])] = ""


class AlertActions(Body):
    """One action on many alerts."""

    action: Annotated[Literal["acknowledge", "resolve", "reopen", "silence"], Field(description="The action.")]
    fingerprints: Annotated[
        tuple[Fingerprint, ...], Field(min_length=1, max_length=MOST_ALERTS, description="The alerts.")
    ]
    note: Annotated[Note, Field(description="One line; optional.", examples=["A deploy is on its way."])] = ""
    duration: Annotated[
        Duration,
        Field(
            le=LONGEST,
            description="The length of a silence; only for the action `silence`.",
            json_schema_extra={"default": "1h"},
        ),
    ] = 3_600


class Redelivery(Body):
    """Options for sending a notification again."""

    force: Annotated[bool, Field(description="Whether to send a delivered one again, too.")] = False
