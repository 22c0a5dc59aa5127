"""The DLQ check: whether failed deliveries to functions, and failed invocations, still end in a queue.

Each function that is invoked asynchronously has two: the dead-letter queue of its rule's target, and its own
destination on failure. A deployment can remove them, and nobody would notice before the day they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.handlers import EVENT_HANDLERS, SCHEDULES, rules_of
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.sources.failure_destinations import fingerprint_in
from chalicelib.sources.registry import FAILURE_DESTINATIONS

if TYPE_CHECKING:
    from chalicelib.services.operations.ports import FailureRouting
    from chalicelib.services.ports import Clock, Ledger

# Handlers of app.py that a rule invokes.
HANDLERS = (*EVENT_HANDLERS, *SCHEDULES)
# Handlers whose next run makes up for a failed one.
SCHEDULED = tuple(handler for handler, interval in SCHEDULES.items() if interval < DAY)
# `make deploy` removes the rules' queues and restores them within minutes: missing once is nothing to report, twice is.
SOON = 900
# Seconds after which it is reported again that something is missing.
AGAIN = 3_600


class DlqCheck(Struct, frozen=True):
    """Checks the failure destinations of the functions `monitoring-<stage>-…`."""

    failure_routing: FailureRouting
    ledger: Ledger
    ingest: Ingest
    clock: Clock
    stage: str

    def check(self, account: str, region: str) -> None:
        """Report what is missing twice in a row, and when nothing is any more; account and region are the hub's."""
        missing = tuple(self._missing())
        alert = self.ledger.alert(fingerprint_in(account, region, self.stage))
        state = self._news(missing, alert)
        if state:
            self.ingest.take(self._envelope(state, missing, account, region))

    def _missing(self) -> Iterator[str]:
        for handler in HANDLERS:
            name = f"monitoring-{self.stage}-{handler}"
            for rule in rules_of(self.stage, handler):
                if not self.failure_routing.holds_rule(rule):
                    yield f"rule {rule}"
            if not self.failure_routing.holds_function(name):
                yield f"function {name}"

    def _news(self, missing: tuple[str, ...], alert: Alert | None) -> str:
        """Return the state to report; empty where it was reported before."""
        fires = alert is not None and alert.status is not Status.RESOLVED
        since = self.clock.now() - alert.last_seen if alert else AGAIN
        if not missing:
            return "whole" if fires else ""
        if fires:
            return "missing" if since >= AGAIN else ""
        return "missing" if since <= SOON else "suspected"

    def _envelope(self, state: str, missing: tuple[str, ...], account: str, region: str) -> Envelope:
        now = self.clock.now()
        raw = {
            "source": FAILURE_DESTINATIONS.source,
            "detail-type": FAILURE_DESTINATIONS.detail_type,
            "account": account,
            "region": region,
            "time": iso(now),
            "detail": {"stage": self.stage, "state": state, "missing": missing, "at": now},
        }
        return Envelope.parse(raw, now)
