"""Checks: whether agents, canaries and failure destinations are there."""

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.notifying.parts import run_all
from chalicelib.services.operations.dlq_check import DlqCheck


class Checks(Struct, frozen=True):
    """Checks agents, canaries, and the failure destinations (None: there are none, as the hub is not deployed)."""

    agents: AgentRegistry
    canaries: Canaries
    dlq_check: DlqCheck | None

    def run(self, account: str, region: str) -> None:
        """Report as events which agents, canaries and failure destinations are missing, for a hub in this place."""
        parts: list[Callable[[], object]] = [self.agents.check, partial(self.canaries.check, account, region)]
        if self.dlq_check:
            parts.append(partial(self.dlq_check.check, account, region))
        run_all("A check failed in part", parts)
