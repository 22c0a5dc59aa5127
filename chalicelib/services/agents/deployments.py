"""Deployments: records what CloudFormation reports about the agents' own stacks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.ingestion.ingest import HANDLED_LINE, Ingest

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)


class Deployments(Struct, frozen=True):
    """Keeps the agents' deployments up to date."""

    agents: AgentRegistry
    ingest: Ingest
    clock: Clock

    def update(self, raw: Any, *, announce: bool = True) -> None:
        """Record a change of an agent's stack, and announce it.

        `handle_monitoring_events` receives the same event; the second of the two finds it already stored.
        """
        from chalicelib.sources.stack import deployment_of  # noqa: PLC0415 - a model: no other function pays for it

        envelope = Envelope.parse(raw, self.clock.now())
        deployment = deployment_of(envelope)
        if deployment is not None:
            self.agents.deploy(deployment, announce=announce)
        self.ingest.take(envelope, announce=announce)
        log.info(HANDLED_LINE, extra={"account": envelope.account, "source": envelope.source})
