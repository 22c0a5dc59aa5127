"""Scanner: scans an account's logs for errors, window by window, and reports how far it came and what it missed.

A run fills gaps first, then scans the windows that are due. Whatever happens, it ends with a heartbeat.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.scanning.scan_state import ScanState
from chalicelib.services.scanning.checkpoint import Checkpoint
from chalicelib.services.scanning.plan import LONGEST_RUN, ScanPlan
from chalicelib.services.scanning.publisher import Publisher
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.run import ScanRun
from chalicelib.services.scanning.search import Search

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.scanning.ports import Inventory

log = logging.getLogger(__name__)


def unhurried() -> int:
    """Return the milliseconds left of a run without a time limit."""
    return LONGEST_RUN


class Scanner(Struct, frozen=True, kw_only=True):
    """Scans the logs of one account and region."""

    inventory: Inventory
    search: Search
    publisher: Publisher
    checkpoint: Checkpoint[ScanState]
    clock: Clock
    plan: ScanPlan

    def run(self, remaining: Callable[[], int] = unhurried) -> ScanReport:
        """Scan what is due while `remaining` returns enough milliseconds, and send a heartbeat.

        Raises what stopped the run (a damaged state, PublishFailed) after the heartbeat.
        """
        run = ScanRun(
            inventory=self.inventory,
            search=self.search,
            publisher=self.publisher,
            checkpoint=self.checkpoint,
            clock=self.clock,
            plan=self.plan,
            remaining=remaining,
        )
        try:
            run.work()
        except Exception as error:
            run.fail(error)
            raise
        finally:
            report = run.finish()
            log.info("Scan finished", extra=report.to_log())
            self.publisher.heartbeat(report)
            self.publisher.canary()
        return report
