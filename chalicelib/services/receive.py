"""Receive: the hub's front door, where heartbeats and the ends of backfills part from other events."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.event import Envelope
from chalicelib.services.agents import Agents, heartbeat_of
from chalicelib.services.backfills import Backfills
from chalicelib.services.ingest import Ingest
from chalicelib.services.ports import Clock
from chalicelib.sources import BACKFILL, HEARTBEAT


class Receive(Struct, frozen=True):
    """Takes in whatever EventBridge delivers."""

    ingest: Ingest
    agents: Agents
    backfills: Backfills
    clock: Clock

    def __call__(self, raw: Any) -> None:
        """Take in one event, heartbeat or end of a backfill; what cannot be read is an event like any unknown one."""
        envelope = Envelope.parse(raw, self.clock.now())
        heartbeat = heartbeat_of(envelope) if envelope.source == HEARTBEAT.source else None
        if heartbeat is not None:
            self.agents.beat(heartbeat)
        elif (envelope.source, envelope.detail_type) == (BACKFILL.source, BACKFILL.detail_type):
            self.backfills.finish(envelope)
        else:
            self.ingest.take(envelope)
