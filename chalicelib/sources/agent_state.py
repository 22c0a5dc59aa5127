"""Agent states: the hub itself noticed that an agent fell silent, and that it is back or not missed any more."""

from typing import Literal

from chalicelib.domain.event import Envelope, Severity, Signal, Summary, iso
from chalicelib.sources.base import Detail, Name, Text, Time

# How a silence ends.
OVER = {"active": "Agent reports again", "removed": "Silent agent removed"}


class AgentStateChange(Detail):
    """An agent's change of state; all times are epoch seconds, `heartbeat_at` is when it last reported."""

    agent_id: Name
    account: Name
    region: Name
    name: Text = ""
    state: Literal["stale", "active", "removed"]
    heartbeat_at: Time
    at: Time

    def summary(self, envelope: Envelope) -> Summary:  # noqa: ARG002 - the hub's own envelope has nothing to add
        """Say since when nothing has been heard, which is what is no longer watched."""
        silent = self.state == "stale"
        what = f"Agent silent since {iso(self.heartbeat_at)[11:16]} UTC" if silent else OVER[self.state]
        account = f"{self.name} ({self.account})" if self.name else self.account
        return Summary(
            title=f"{what}: {account} {self.region}",
            severity=Severity.HIGH if silent else Severity.LOW,
            identity=(self.agent_id,),
            occurrence=(self.agent_id, self.state, str(self.heartbeat_at)),
            signal=Signal.FIRING if silent else Signal.RESOLVED,
            account=self.account,
            region=self.region,
            at=self.at,
            resource=self.agent_id,
        )


DETAIL = AgentStateChange
