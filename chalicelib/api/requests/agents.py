"""What is said of agents."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.fields import Account, Name, Region
from chalicelib.api.requests.base import Body


class NewAgent(Body):
    """An agent that is expected to report."""

    account: Annotated[Account, Field(description="Its account.")]
    region: Annotated[Region, Field(description="Its region.")]
    name: Annotated[Name, Field(description="What people call its account.", examples=["shop-prod"])] = ""


class AgentName(Body):
    """Another name for an agent."""

    name: Annotated[
        Name, Field(description="Its new name; if empty, its next heartbeat names it.", examples=["shop-prod"])
    ]
