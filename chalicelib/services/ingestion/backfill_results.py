"""Backfill results: what a backfill found is counted and announced once, when it ends.

The events themselves arrived one by one, were stored and not announced.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.pagination import Direction
from chalicelib.domain.queries import EventQuery
from chalicelib.domain.reports.backfill_summary import BackfillSummary
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.services.ingestion.rate_limit import RateLimit

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock, EventStore, Ledger

log = logging.getLogger(__name__)

# Some seconds of reading, in a function that has a minute.
MOST_EVENTS = 10_000
EVENTS_AT_ONCE = 1_000
# Per minute and account: any account may send such an event, and to count the results takes thousands of reads.
MOST_A_MINUTE = 5


class BackfillResults(Struct, frozen=True):
    """Handles the event that a backfill has ended."""

    ingest: Ingest
    ledger: Ledger
    event_store: EventStore
    clock: Clock
    rate_limit: RateLimit

    def finish(self, envelope: Envelope, *, announce: bool = True) -> Record:
        """Store and announce the end of a backfill with what it found; one that cannot be read is stored as it is.

        Beyond an account's limit, what it found is not counted, and the next sweep announces all of these together.
        """
        detail = envelope.detail if isinstance(envelope.detail, dict) else {}
        if "found" in detail:  # nobody but the hub says so
            detail = {name: value for name, value in detail.items() if name != "found"}
            envelope = replace(envelope, detail=detail)
        if not self.rate_limit.admits(envelope.account):
            log.warning("Backfill result not counted", extra={"account": envelope.account, "region": envelope.region})
            return self.ingest.take(envelope, announce=False)
        match detail:
            case {"since": int(since), "until": int(until)} if 0 <= since < until <= envelope.received_at:
                published = detail.get("events")
                summary = BackfillSummary.of(self._events(envelope, since, until), MOST_EVENTS)
                found = summary.to_json(since, published if isinstance(published, int) else 0, self.ledger.alert)
                return self.ingest.take(replace(envelope, detail=detail | {"found": found}), announce=announce)
            case _:
                return self.ingest.take(envelope, announce=announce)

    def _events(self, envelope: Envelope, since: int, until: int) -> Iterator[Record]:
        """Iterate over the log errors of an account, region and time; an event's time is the end of its window."""
        query = EventQuery(
            account=envelope.account,
            region=envelope.region,
            source=envelope.source,
            start=since + 1,
            end=until,
            direction=Direction.ASC,
            limit=EVENTS_AT_ONCE,
        )
        while True:
            page = self.event_store.page(query, self.clock.now())
            yield from (record for record in page.items if record.event.kind == "error_logs")
            if page.next is None:
                return
            query = replace(query, cursor=page.next)
