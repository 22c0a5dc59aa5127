"""Checks: whether the hub and its agents are well."""

import logging
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.operations.dlq_check import DlqCheck
from chalicelib.services.operations.sweep import run_all
from chalicelib.services.ports import EventStore

log = logging.getLogger(__name__)

# To ask for an event that never was is the cheapest way to learn whether the table can be read.
NO_EVENT = "0000000000-none"


class Checks(Struct, frozen=True):
    """Checks agents, the table, and the failure destinations (None: there are none, as the hub is not deployed)."""

    event_store: EventStore
    agents: AgentRegistry
    canaries: Canaries
    dlq_check: DlqCheck | None

    def run(self, account: str, region: str) -> None:
        """Report as events which agents, canaries and failure destinations are missing, for a hub in this place."""
        parts: list[Callable[[], object]] = [self.agents.check, partial(self.canaries.check, account, region)]
        if self.dlq_check:
            parts.append(partial(self.dlq_check.check, account, region))
        run_all("A check failed in part", parts)

    def is_healthy(self) -> bool:
        """Tell whether the table can be read; if not, the log says why."""
        try:
            self.event_store.find(NO_EVENT)
        except Exception:
            log.exception("Table not readable")
            return False
        return True
