"""What people do to alerts and notifications."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.fields import Duration, Fingerprint, Note
from chalicelib.api.requests.base import Body
from chalicelib.domain.routing.silences import LONGEST

MOST_ALERTS = 100


class Remark(Body):
    """What somebody who does something to an alert has to say."""

    note: Annotated[Note, Field(description="One line; may be left out.", examples=["A deploy is on its way."])] = ""


class AlertActions(Body):
    """One action on many alerts."""

    action: Annotated[
        Literal["acknowledge", "resolve", "reopen", "silence"], Field(description="What to do to each of them.")
    ]
    fingerprints: Annotated[
        tuple[Fingerprint, ...], Field(min_length=1, max_length=MOST_ALERTS, description="Which alerts.")
    ]
    note: Annotated[Note, Field(description="One line; may be left out.", examples=["A deploy is on its way."])] = ""
    duration: Annotated[
        Duration,
        Field(
            le=LONGEST,
            description="How long to silence them; the other actions do without.",
            json_schema_extra={"default": "1h"},
        ),
    ] = 3_600


class Redelivery(Body):
    """How a notification is sent again."""

    force: Annotated[bool, Field(description="Whether one that was delivered is sent again, too.")] = False
