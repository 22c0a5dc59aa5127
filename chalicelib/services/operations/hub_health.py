"""Hub health: whether sweeps run, which notifications wait, and what has failed for good."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.events.event import fingerprint_of
from chalicelib.domain.queries import EventQuery
from chalicelib.services.operations.ports import LATE
from chalicelib.sources.registry import RECONCILIATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.notifications.notification import Record
    from chalicelib.services.operations.backlog import Backlogs
    from chalicelib.services.operations.ports import Backlog, DeadLetterQueues
    from chalicelib.services.ports import Clock, EventStore

log = logging.getLogger(__name__)

QUEUES = ("undelivered", "failed")


class HubState(Struct, frozen=True, kw_only=True):
    """The state of the hub.

    `swept_at` is when the newest sweep ended (0: none has yet), `backlog` what it left undone; the current backlog
    where sweeps do not run. `dead_letters` counts by queue what failed for good (None: unknown, or there is no queue).
    """

    swept_at: int
    backlog: Backlog
    dead_letters: Mapping[str, int | None]
    reconciliation: Record | None

    def is_swept(self, now: int) -> bool:
        """Return whether sweeps run as they should."""
        return self.is_recent(now) and not self.backlog.is_late(now)

    def is_recent(self, now: int) -> bool:
        """Return whether the newest sweep ended recently; before the first one, whether nothing is late."""
        return not self.swept_at or now - self.swept_at < LATE


class HubHealth(Struct, frozen=True):
    """Gathers the state of the hub."""

    backlogs: Backlogs
    event_store: EventStore
    queues: DeadLetterQueues | None
    clock: Clock
    stage: str

    def __call__(self, account: str, region: str) -> HubState:
        """Return the state of the hub now; account and region are the hub's."""
        noted = self.backlogs.noted()
        is_fresh = noted is not None and self.clock.now() - noted.at < LATE
        return HubState(
            swept_at=noted.at if noted else 0,
            backlog=noted if noted and is_fresh else self.backlogs.count(),
            dead_letters={name: self._waiting(name) for name in QUEUES},
            reconciliation=self._reconciliation(account, region),
        )

    def _waiting(self, queue: str) -> int | None:
        if self.queues is None:
            return None
        try:
            return self.queues.count(queue)
        except Exception:
            log.exception("Dead-letter queue not readable", extra={"queue": queue})
            return None

    def _reconciliation(self, account: str, region: str) -> Record | None:
        """Return the newest daily reconciliation; None where there was none lately."""
        fingerprint = fingerprint_of(RECONCILIATION.module, account, region, self.stage)
        found = self.event_store.page(EventQuery(fingerprint=fingerprint, limit=1), self.clock.now()).items
        return found[0] if found else None
