"""What people do to alerts and notifications."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.fields import Note
from chalicelib.api.requests.base import Body


class Remark(Body):
    """What somebody who does something to an alert has to say."""

    note: Annotated[Note, Field(description="One line; may be left out.", examples=["A deploy is on its way."])] = ""


class Redelivery(Body):
    """How a notification is sent again."""

    force: Annotated[bool, Field(description="Whether one that was delivered is sent again, too.")] = False
