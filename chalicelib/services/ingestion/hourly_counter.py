"""The hourly counter: counts beside a busy alert what its timeline remembers no longer, for bars that people see."""

import logging
from collections import Counter

from msgspec import Struct

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import forgotten
from chalicelib.domain.routing.decision import Decision
from chalicelib.services.ports import HourlyCountStore

log = logging.getLogger(__name__)


class HourlyCounter(Struct, frozen=True):
    """Counts once decisions are stored; what goes wrong keeps no event from its way, as it can be counted again."""

    store: HourlyCountStore

    def count(self, *decided: tuple[Alert, Decision], now: int) -> None:
        """Count what left the timeline of an alert by decisions, each of which comes with the alert before it."""
        counts: Counter[int] = Counter()
        for before, decision in decided:
            events = [each.event for each in decision.verdicts]
            counts.update(forgotten(before.timeline, events, decision.alert.timeline, now))
        if not counts:
            return
        fingerprint = decided[0][0].fingerprint
        try:
            self.store.add(fingerprint, counts)
        except Exception:
            log.exception("Hourly counts not written", extra={"fingerprint": fingerprint})
