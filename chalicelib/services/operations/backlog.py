"""The backlog: work that the hub has not done yet, saved after each sweep, so that showing it takes one read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.notification import Delivery
from chalicelib.services.agents.canaries import newest_arrivals
from chalicelib.services.operations.ports import LATE, Backlog, ReceiverBacklogState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.services.operations.ports import BacklogStore
    from chalicelib.services.ports import AlertStore, Clock, NotificationStore, Outbox


class Backlogs(Struct, frozen=True):
    """Counts the backlog and saves it."""

    alerts: AlertStore
    outbox: Outbox
    notifications: NotificationStore
    store: BacklogStore
    clock: Clock
    receivers: Sequence[str]

    def note(self) -> None:
        """Count the backlog and save it as that of the newest sweep."""
        self.store.save(self.count())

    def noted(self) -> Backlog | None:
        """Return the backlog that the newest sweep has saved; None before the first one."""
        return self.store.find()

    def count(self) -> Backlog:
        """Count the backlog of now."""
        now = self.clock.now()
        late = self.alerts.due(now - LATE, 1)
        pending, failed = (self.outbox.count(each, self.receivers) for each in (Delivery.PENDING, Delivery.FAILED))
        return Backlog(
            at=now,
            overdue_since=late[0].due if late else 0,
            receivers=tuple(
                ReceiverBacklogState(name, pending[name], failed[name], self._oldest(name) if pending[name] else 0)
                for name in self.receivers
            ),
            canaries=dict(newest_arrivals(self.notifications, now)),
        )

    def _oldest(self, receiver: str) -> int:
        waiting = self.outbox.pending(receiver, 1)
        return waiting[0].created_at if waiting else 0
