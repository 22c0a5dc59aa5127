"""The episode counter: counts the events of very busy alerts in each account and region, a little later."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.episode_count import SETTLED_AFTER, EpisodeCount, fired_in_episode
from chalicelib.domain.events.event import Event
from chalicelib.domain.pagination import Cursor, Direction
from chalicelib.domain.queries import EventQuery

if TYPE_CHECKING:
    from chalicelib.services.alerting.ports import EpisodeCounts
    from chalicelib.services.ports import AlertStore, Clock, EventStore

log = logging.getLogger(__name__)

MOST_ALERTS = 100
AT_ONCE = 1_000
# Seconds after which an open alert is counted again, even with few new events.
AGAIN_AFTER = 3_600


class EpisodeCounter(Struct, frozen=True):
    """Continues each count where it stopped, and starts again where the sum differs from the alert's own count."""

    counts: EpisodeCounts
    alerts: AlertStore
    event_store: EventStore
    clock: Clock

    def __call__(self, until: float = math.inf) -> int:
        """Count the alerts that wait for it until `until` (epoch seconds); return how many events were counted.

        An alert that cannot be counted is logged, waits an hour, and does not block the others.
        """
        counted = 0
        for fingerprint in self.counts.waiting(self.clock.now(), MOST_ALERTS):
            if self.clock.now() >= until:
                break
            try:
                counted += self._count(fingerprint, until)
            except Exception:
                log.exception("Events of an alert not counted; will retry", extra={"fingerprint": fingerprint})
                self.counts.postpone(fingerprint, self.clock.now() + AGAIN_AFTER)
        return counted

    def _count(self, fingerprint: str, until: float) -> int:
        """Count those of an alert's events that are old enough for none to arrive before them, and save the count."""
        alert, now, counted = self.alerts.find(fingerprint), self.clock.now(), 0
        if alert is None:
            self.counts.save(fingerprint, EpisodeCount(since=0), 0)
            return 0
        known = self.counts.find(fingerprint)
        count = known if known is not None and known.since == alert.since else EpisodeCount(since=alert.since)
        for events in self._pages(fingerprint, count, now - SETTLED_AFTER):
            count, counted = count.adding(events), counted + len(events)
            if self.clock.now() >= until:
                self.counts.save(fingerprint, count, now)
                return counted
        self.counts.save(fingerprint, *_checked(alert, count, now))
        return counted

    def _pages(self, fingerprint: str, count: EpisodeCount, settled: int) -> Iterator[list[Event]]:
        """Iterate over pages of the events that are not counted yet, up to a time, oldest first."""
        query = EventQuery(
            fingerprint=fingerprint, start=count.since, end=settled, direction=Direction.ASC, limit=AT_ONCE
        )
        cursor = Cursor(count.until) if count.until else None
        while True:
            page = self.event_store.page(replace(query, cursor=cursor), self.clock.now())
            yield [record.event for record in page.items]
            if page.next is None:
                return
            cursor = page.next


def _checked(alert: Alert, count: EpisodeCount, now: int) -> tuple[EpisodeCount, int]:
    """Return the count, or an empty one where it differs from the alert's; and when to continue it (0: never).

    A recount is right by definition, as it is made of the events; from then on the alert's own count may differ by as
    much.
    """
    if alert.last_seen > now - SETTLED_AFTER:
        return count, now + AGAIN_AFTER
    expected = fired_in_episode(alert)
    if expected - count.fired == count.unseen:
        return replace(count, is_second=False), 0
    about = {"fingerprint": alert.fingerprint, "counted": count.fired, "expected": expected}
    if count.is_second:
        log.warning("Alert count differs from its events", extra=about)
        return replace(count, is_second=False, unseen=expected - count.fired), 0
    log.info("Events of an alert recounted", extra=about)
    return EpisodeCount(since=alert.since, is_second=True), now
