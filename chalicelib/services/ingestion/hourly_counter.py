"""The hourly counter: counts beside a busy alert what its timeline remembers no longer, for bars that people see."""

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
    """Counts many at a time; what goes wrong keeps no event from its way, as it can be counted again."""

    store: HourlyCountStore

    def carry(self, before: Alert, decision: Decision, now: int) -> tuple[Decision, Counter[int]]:
        """Let an alert carry what leaves its timeline by a decision; returns what to count once that is stored."""
        events = [each.event for each in decision.events]
        gone = forgotten(before.timeline, events, decision.alert.timeline, now)
        if not gone:
            return decision, Counter()
        waiting, counts = carry(decision.alert.uncounted, gone)
        alert = replace(decision.alert, uncounted=tuple(sorted(waiting.items())))
        return replace(decision, alert=alert), counts

    def count(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Count beside an alert what it carries no longer."""
        try:
            self.store.add(fingerprint, counts)
        except Exception:
            log.exception("Hourly counts not written", extra={"fingerprint": fingerprint})
