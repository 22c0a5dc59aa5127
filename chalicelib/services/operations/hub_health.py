"""Hub health: whether what the hub does each minute is done, who waits for a message, and what failed for good."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.events.event import fingerprint_of
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.queries import EventQuery
from chalicelib.sources.registry import RECONCILIATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.agents.canary import CanaryArrival
    from chalicelib.domain.notifications.notification import Record
    from chalicelib.services.agents.canaries import Canaries
    from chalicelib.services.operations.ports import DeadLetterQueues
    from chalicelib.services.ports import AlertStore, Clock, EventStore, Outbox

log = logging.getLogger(__name__)

# The sweep comes each minute; what has waited for longer was left by more than one.
LATE = 180
QUEUES = ("undelivered", "failed")


class ReceiverBacklogState(Struct, frozen=True):
    """What a receiver waits for: how many are pending, how many were not sent, and since when the oldest waits."""

    receiver: str
    pending: int
    failed: int
    oldest: int


class HubState(Struct, frozen=True, kw_only=True):
    """How the hub is. `overdue_since` is when the oldest evaluation was due that nobody has made (0: none is late).

    `dead_letters` counts by queue what failed for good (None: nobody knows, as there is no queue, or it is not there).
    """

    overdue_since: int
    receivers: Sequence[ReceiverBacklogState]
    canaries: Mapping[str, CanaryArrival]
    dead_letters: Mapping[str, int | None]
    reconciliation: Record | None

    @property
    def oldest_pending(self) -> int:
        """Since when the oldest message waits; 0 where none does."""
        return min((each.oldest for each in self.receivers if each.oldest), default=0)

    def is_swept(self, now: int) -> bool:
        """Tell whether what is done each minute is done, as far as what is left shows."""
        waits = [each for each in (self.overdue_since, self.oldest_pending) if each]
        return all(now - each < LATE for each in waits)


class HubHealth(Struct, frozen=True):
    """Gathers how the hub is."""

    alerts: AlertStore
    outbox: Outbox
    event_store: EventStore
    canaries: Canaries
    queues: DeadLetterQueues | None
    clock: Clock
    receivers: Sequence[str]
    stage: str

    def __call__(self, account: str, region: str) -> HubState:
        """Return how the hub is now, which is in this account and region."""
        now = self.clock.now()
        late = self.alerts.due(now - LATE, 1)
        return HubState(
            overdue_since=late[0].due if late else 0,
            receivers=self._receivers(),
            canaries=self.canaries.arrivals(),
            dead_letters={name: self._waiting(name) for name in QUEUES},
            reconciliation=self._reconciliation(account, region),
        )

    def _receivers(self) -> list[ReceiverBacklogState]:
        pending, failed = (self.outbox.count(each, self.receivers) for each in (Delivery.PENDING, Delivery.FAILED))
        return [
            ReceiverBacklogState(name, pending[name], failed[name], self._oldest(name) if pending[name] else 0)
            for name in self.receivers
        ]

    def _oldest(self, receiver: str) -> int:
        waiting = self.outbox.pending(receiver, 1)
        return waiting[0].created_at if waiting else 0

    def _waiting(self, queue: str) -> int | None:
        if self.queues is None:
            return None
        try:
            return self.queues.count(queue)
        except Exception:
            log.exception("Dead-letter queue not readable", extra={"queue": queue})
            return None

    def _reconciliation(self, account: str, region: str) -> Record | None:
        """Return the newest daily count; None where there has been none lately."""
        fingerprint = fingerprint_of(RECONCILIATION.module, (account, region, self.stage))
        found = self.event_store.page(EventQuery(fingerprint=fingerprint, limit=1), self.clock.now()).items
        return found[0] if found else None
