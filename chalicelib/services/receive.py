"""Receive: the hub's front door, where heartbeats part from events."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.event import Envelope
from chalicelib.services.agents import Agents, heartbeat_of
from chalicelib.services.ingest import Ingest
from chalicelib.services.ports import Clock
from chalicelib.sources import HEARTBEAT


@dataclass(frozen=True, slots=True)
class Receive:
    """Takes in whatever EventBridge delivers."""

    ingest: Ingest
    agents: Agents
    clock: Clock

    def __call__(self, raw: Any) -> None:
        """Take in one event or heartbeat; a heartbeat that cannot be read is an event like any other unknown one."""
        envelope = Envelope.parse(raw, self.clock.now())
        heartbeat = heartbeat_of(envelope) if envelope.source == HEARTBEAT.source else None
        if heartbeat is not None:
            self.agents.beat(heartbeat)
        else:
            self.ingest.take(envelope)
