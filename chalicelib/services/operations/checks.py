"""Checks: finds missing agents, canaries and failure destinations, and silences that end soon."""

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.operations.dlq_check import DlqCheck
from chalicelib.services.tasks import run_all


class Checks(Struct, frozen=True):
    """Checks agents, canaries, and failure destinations (None: the hub is not deployed, so there are none).

    `remind` announces silences that end soon.
    """

    agents: AgentRegistry
    canaries: Canaries
    dlq_check: DlqCheck | None
    remind: Callable[[], object]

    def run(self, account: str, region: str) -> None:
        """Store an event for everything that is missing, then announce silences that end soon.

        Account and region are the hub's. Silences come last, as finding what many of them cover takes a while.
        """
        check_canaries = partial(self.canaries.check, account, region)
        tasks: list[Callable[[], object]] = [self.agents.check, check_canaries]
        if self.dlq_check:
            tasks.append(partial(self.dlq_check.check, account, region))
        run_all("A check failed in part", [*tasks, self.remind])
