"""Checks: whether agents, canaries and failure destinations are there, and which silences end soon."""

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from chalicelib.services.agents.canaries import Canaries
from chalicelib.services.agents.registry import AgentRegistry
from chalicelib.services.operations.dlq_check import DlqCheck
from chalicelib.services.tasks import run_all


class Checks(Struct, frozen=True):
    """Checks agents, canaries, and the failure destinations (None: there are none, as the hub is not deployed).

    `remind` reminds of silences that end soon.
    """

    agents: AgentRegistry
    canaries: Canaries
    dlq_check: DlqCheck | None
    remind: Callable[[], object]

    def run(self, account: str, region: str) -> None:
        """Report as events what is missing, for a hub in this place, and in the end remind of silences.

        Where many silences end at once, it takes a while to find what each of them covers.
        """
        check_canaries = partial(self.canaries.check, account, region)
        tasks: list[Callable[[], object]] = [self.agents.check, check_canaries]
        if self.dlq_check:
            tasks.append(partial(self.dlq_check.check, account, region))
        run_all("A check failed in part", [*tasks, self.remind])
