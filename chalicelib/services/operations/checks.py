"""Checks: whether the hub and its agents are well."""

import logging

from msgspec import Struct

from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.operations.dlq_check import DlqCheck
from chalicelib.services.ports import EventStore

log = logging.getLogger(__name__)

# To ask for an event that never was is the cheapest way to learn whether the table can be read.
NO_EVENT = "0000000000-none"


class Checks(Struct, frozen=True):
    """Checks agents, the table, and the failure destinations (None: there are none, as the hub is not deployed)."""

    event_store: EventStore
    agents: AgentRegistry
    dlq_check: DlqCheck | None

    def run(self, account: str, region: str) -> None:
        """Report missing failure destinations and silent agents as events; account and region are the hub's."""
        try:
            if self.dlq_check:
                self.dlq_check.check(account, region)
        finally:
            self.agents.check()

    def is_healthy(self) -> bool:
        """Tell whether the table can be read; if not, the log says why."""
        try:
            self.event_store.find(NO_EVENT)
        except Exception:
            log.exception("Table not readable")
            return False
        return True
