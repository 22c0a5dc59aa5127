"""Requests about agents."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.fields import Account, Name, Region
from chalicelib.api.requests.base import Body


class NewAgent(Body):
    """An agent that is expected to report."""

    account: Annotated[Account, Field(description="Its account.")]
    region: Annotated[Region, Field(description="Its region.")]
    name: Annotated[Name, Field(description="The name of the account.", examples=["shop-prod"])] = ""


class AgentName(Body):
    """A new name for an agent."""

    name: Annotated[
        Name, Field(description="The new name; if empty, the next heartbeat sets it.", examples=["shop-prod"])
    ]
