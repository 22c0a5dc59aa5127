"""Agent states: the hub reports that an agent fell silent or behind, or recovered."""

from typing import Literal

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.timestamps import iso
from chalicelib.sources.schema import Declaration, Detail, Name, Text, Time

# How a silence ends, and how a scan that does not keep up.
OVER = {"active": "Agent reports again", "removed": "Silent agent removed", "caught_up": "Scan no longer behind"}
SCAN = ("behind", "caught_up")


class AgentStateChange(Detail, frozen=True, kw_only=True):
    """An agent's change of state; all times are epoch seconds.

    `stage` is the hub's, by which functions are named, `heartbeat_at` is when the agent last reported, and `watermark`
    is how far its scan had come when it was found to be behind.
    """

    agent_id: Name
    account: Name
    region: Name
    name: Text = ""
    stage: Text = ""
    state: Literal["stale", "active", "removed", "behind", "caught_up"]
    heartbeat_at: Time
    watermark: Time = 0
    at: Time

    def summary(self, envelope: Envelope) -> Summary:  # noqa: ARG002 - the hub's own envelope has nothing to add
        """Say since when nothing has been heard, or looked at: the silence and the scan are two problems."""
        is_over, is_scan = self.state in OVER, self.state in SCAN
        account = f"{self.name} ({self.account})" if self.name else self.account
        return Summary(
            title=f"{OVER.get(self.state) or self._lack()}: {account} {self.region}",
            severity=Severity.LOW if is_over else Severity.HIGH,
            identity=(self.agent_id, "scan") if is_scan else (self.agent_id,),
            occurrence=(self.agent_id, self.state, str(self.watermark if is_scan else self.heartbeat_at)),
            signal=Signal.RESOLVED if is_over else Signal.FIRING,
            account=self.account,
            region=self.region,
            at=self.at,
            resource=self.agent_id,
        )

    def _lack(self) -> str:
        if self.state in SCAN:
            return f"Logs not scanned since {iso(self.watermark)[11:16]} UTC"
        return f"Agent silent since {iso(self.heartbeat_at)[11:16]} UTC"


SOURCE = Declaration(
    AgentStateChange,
    source="monitoring.hub",
    detail_types=("Agent State Change",),
    sent_by_hub=True,
    identity="agent's id; of a scan that is behind, that too",
    occurrence="agent's id, state, last heartbeat or watermark",
    origin="agent's, agent's, when it changed",
)
