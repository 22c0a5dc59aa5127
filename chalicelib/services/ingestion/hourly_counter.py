"""The hourly counter: counts, beside a busy alert, what its timeline no longer covers, for the bars on the pages."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import carry, forgotten
from chalicelib.domain.routing.decision import Decision

if TYPE_CHECKING:
    from chalicelib.services.ports import HourlyCountStore

log = logging.getLogger(__name__)


class HourlyCounter(Struct, frozen=True):
    """Writes many counts at a time; errors are logged and do not stop an event, as everything can be recounted."""

    store: HourlyCountStore

    def carry(self, before: Alert, decision: Decision, now: int) -> tuple[Decision, Counter[int]]:
        """Add what leaves the alert's timeline to its uncounted hours; return what to count once that is stored."""
        events = [each.event for each in decision.events]
        gone = forgotten(before.timeline, events, decision.alert.timeline, now)
        if not gone:
            return decision, Counter()
        waiting, counts = carry(decision.alert.uncounted, gone)
        alert = replace(decision.alert, uncounted=tuple(sorted(waiting.items())))
        return replace(decision, alert=alert), counts

    def count(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add to the alert's hourly counts."""
        try:
            self.store.add(fingerprint, counts)
        except Exception:
            log.exception("Hourly counts not written", extra={"fingerprint": fingerprint})
