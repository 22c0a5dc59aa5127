"""The dispatcher: what is pending is sent, one sender per receiver at a time, in as few messages as sensible."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.notification import Delivery, Notification, Record, completed
from chalicelib.domain.notifications.sending_order import problems_in_order, sent_together, worst_first
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.notifications.lease import Lease
    from chalicelib.services.notifying.ports import Notifier
    from chalicelib.services.ports import Clock, EventStore, Leases, Outbox

log = logging.getLogger(__name__)

DIGEST_INTERVAL = 60
DIGEST_SIZE = 1_000
# Longer than the longest turn, and than one post after TURN, each with a time-out of a few seconds; a crashed sender
# blocks no longer.
LEASE = 60
TURN = 40
# Past every pause that a busy but healthy receiver takes; older than that, somebody should look.
OVERDUE = 900
# Alarms in infra/hub.yaml wait for these two lines.
OVERDUE_LINE = "Notifications are overdue"
FAILURE_LINE = "Permanent delivery failure"
RETRY_LINE = "Delivery will be retried"


class Dispatcher(Struct, frozen=True):
    """Sends what is pending in the outbox."""

    outbox: Outbox
    leases: Leases
    event_store: EventStore
    notifier: Notifier
    clock: Clock

    def announce(self, record: Record, just_written: Sequence[Notification]) -> None:
        """Send what is pending about an event to each of its receivers."""
        for receiver, delivery in record.outcome.deliveries.items():
            if delivery is Delivery.PENDING:
                self.drain(receiver, just_written, record)

    def drain(self, receiver: str, just_written: Iterable[Notification] = (), record: Record | None = None) -> int:
        """Send what is pending for `receiver`, if nobody else is at it; returns how many notifications were delivered.

        `just_written` are notifications that the outbox's index may not show yet, and `record` is the event
        that they are about. Whatever cannot be sent now stays pending for the next drain.
        """
        now = self.clock.now()
        lease = self.leases.acquire(receiver, now, now + LEASE)
        if lease is None:
            return 0
        return _Turn(self, lease, record).take([each for each in just_written if each.receiver == receiver])

    def give_up(self, receiver: str) -> None:
        """Fail what is pending for a receiver that the routes file names no more; whoever still sends to it goes on."""
        now = self.clock.now()
        if not self.outbox.pending(receiver, 1):
            return
        lease = self.leases.acquire(receiver, now, now + LEASE)
        if lease is not None:
            _Turn(self, lease, None).give_up()

    def watch(self, receiver: str) -> None:
        """Log an error if something has been pending for `receiver` for longer than a quarter of an hour."""
        oldest = next(iter(self.outbox.pending(receiver, 1)), None)
        age = self.clock.now() - oldest.created_at if oldest else 0
        if age > OVERDUE:
            log.error(OVERDUE_LINE, extra={"receiver": receiver, "seconds": age})


class _Turn:
    """One sender's turn at one receiver, from the lease to its release."""

    def __init__(self, deliver: Dispatcher, lease: Lease, record: Record | None) -> None:
        self._by, self._lease, self._record = deliver, lease, record
        self._handling = deliver.notifier.handling(lease.receiver)
        self._ends_at = deliver.clock.now() + TURN
        self._pause = 0
        self._sent = 0
        self._delivered = 0
        self._is_over = False

    def take(self, fresh: Sequence[Notification]) -> int:
        """Send until nothing is pending, the burst or the time is used up, or the receiver takes no more.

        Then the lease is given back.

        The pause after each message keeps the pace, and lets in what others left to us meanwhile.
        """
        pending = self._pending(fresh)
        while pending:
            self._send(pending)
            if self._is_over:
                break
            self._by.clock.sleep(self._handling.pace)
            pending = self._pending() if self._may_go_on else []
        self._by.leases.release(self._lease, self._by.clock.now() + self._pause)
        return self._delivered

    def give_up(self) -> None:
        """Fail what is pending, as for a receiver that is gone, and give back the lease."""
        self._complete(self._pending(), Rejected("The routes file names this receiver no more", receiver_gone=True))
        self._by.leases.release(self._lease, self._by.clock.now())

    def _pending(self, fresh: Sequence[Notification] = ()) -> list[Notification]:
        pending = self._by.outbox.pending(self._lease.receiver, DIGEST_SIZE, fresh)
        return worst_first(pending) if self._handling.combines else problems_in_order(pending)

    @property
    def _may_go_on(self) -> bool:
        return self._sent < self._handling.burst and self._by.clock.now() < self._ends_at

    def _send(self, pending: Sequence[Notification]) -> None:
        is_storm = self._handling.combines and len(pending) > self._handling.burst
        together = pending if is_storm else self._one_message(pending)
        result = self._notify(together)
        if _is_rejected(result) and len(together) > 1:  # the worst goes alone, and the others after it
            together = together[:1]
            result = self._notify(together)
        elif is_storm and isinstance(result, Delivered):
            self._pause, self._is_over = DIGEST_INTERVAL, True
        self._complete(together, result)

    def _one_message(self, pending: Sequence[Notification]) -> Sequence[Notification]:
        if not self._handling.combines:
            return pending[:1]
        return sent_together(pending, by_problem=self._handling.by_problem)

    def _notify(self, together: Sequence[Notification]) -> Delivered | Retry | Rejected:
        self._sent += 1
        newest = max(together, key=lambda each: each.created_at)
        is_one = len({each.fingerprint or each.id for each in together}) == 1
        record = self._find(newest.event_id or newest.about) if is_one else None
        return self._by.notifier.notify(Message(self._lease.receiver, together, record))

    def _find(self, event_id: str) -> Record | None:
        if self._record and self._record.event.id == event_id:
            return self._record
        return self._by.event_store.find(event_id) if event_id else None

    def _complete(self, together: Sequence[Notification], result: Delivered | Retry | Rejected) -> None:
        """Write down what became of a message, and end the turn where the receiver takes no more."""
        match result:
            case Delivered(_, left):
                accounted = [each for each in together if each.id not in left]
                self._settle(accounted, Delivery.DELIVERED)
                self._delivered += len(accounted)
            case Retry(after, why):
                self._settle(together, Delivery.PENDING, why)
                self._pause, self._is_over = after, True
                log.warning(RETRY_LINE, extra={"receiver": self._lease.receiver, "seconds": after, "reason": why})
            case Rejected(why, receiver_gone):
                self._settle(together, Delivery.FAILED, why)
                self._is_over = receiver_gone
                extra = {"receiver": self._lease.receiver, "reason": why, "count": len(together)}
                log.error(FAILURE_LINE, extra=extra)

    def _settle(self, together: Sequence[Notification], status: Delivery, error: str = "") -> None:
        at = self._by.clock.now()
        self._by.outbox.settle([completed(each, status, at, error) for each in together])


def _is_rejected(result: Delivered | Retry | Rejected) -> bool:
    return isinstance(result, Rejected) and not result.receiver_gone
