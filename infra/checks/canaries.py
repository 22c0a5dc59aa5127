"""Checks of the canaries: what agents send goes the whole way, over accounts and regions, to a receiver."""

import time
from collections.abc import Callable, Collection, Iterator

from chalicelib.services.agents.canaries import newest_arrivals
from chalicelib.services.ports import NotificationStore
from infra.checks.check import Check, CheckStatus, Finding, judged

REMEDY = "docs/operate.md, On-call runbook"


class CanaryArrivals:
    """The canaries that arrived; `regions` returns those that have agents."""

    def __init__(self, notifications: NotificationStore, regions: Callable[[], Collection[str]]) -> None:
        self._notifications, self._regions = notifications, regions

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks."""
        yield Check("canaries", self._arrivals)

    def _arrivals(self) -> Iterator[Finding]:
        now = int(time.time())
        arrived, regions = newest_arrivals(self._notifications, now), self._regions()
        for region, arrival in arrived.items():
            if region in regions:
                yield judged(
                    f"canary of {region}, {arrival.latency} s on its way",
                    holds=not arrival.is_late(now),
                    detail=f"the last to arrive was sent {now - arrival.sent_at} s ago",
                    remedy=REMEDY,
                )
        if not arrived:
            yield Finding(
                "canaries", CheckStatus.UNKNOWN, "none has arrived yet", "wait for the first scans and a sweep"
            )
