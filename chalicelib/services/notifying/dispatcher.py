"""Deliver: what is owed is sent, one sender per receiver at a time, in as few messages as sensible, never forgotten."""

import logging
from collections.abc import Iterable, Sequence

from msgspec import Struct

from chalicelib.domain.errors import DeliveryError, Refused, Unacceptable, Unavailable
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason, Record, completed
from chalicelib.services.ports import Archive, Clock, Composer, Lease, Leases, Message, Messenger, Outbox

log = logging.getLogger(__name__)

# Slack takes about one message a second per webhook: https://docs.slack.dev/apis/web-api/rate-limits/
PACE = 1
# Up to so many are sent one by one; more than that at once is a storm, and becomes a digest.
BURST = 5
DIGEST_INTERVAL = 60
DIGEST_SIZE = 1_000
# Longer than the longest turn (BURST posts, each with a time-out of a few seconds); a crashed sender blocks no longer.
LEASE = 60
# Past every pause that a busy but healthy receiver takes; older than that, somebody should look.
OVERDUE = 900
# Alarms in infra/hub.yaml wait for these two lines.
OVERDUE_LINE = "Notifications are overdue"
REFUSED_LINE = "Receiver refuses for good"


class Deliver(Struct, frozen=True):
    """Sends what is pending in the outbox."""

    outbox: Outbox
    leases: Leases
    archive: Archive
    composer: Composer
    messenger: Messenger
    clock: Clock

    def drain(self, receiver: str, just_written: Iterable[Notification] = (), record: Record | None = None) -> int:
        """Send what `receiver` is owed, if nobody else is at it; returns how many notifications were delivered.

        `at_hand` are notifications just written, which the outbox's index may not show yet, and `record` is the event
        that they are about. Whatever cannot be sent now stays pending for the next drain.
        """
        now = self.clock.now()
        lease = self.leases.acquire(receiver, now, now + LEASE)
        if lease is None:
            return 0
        return _Turn(self, lease, record).take([each for each in just_written if each.receiver == receiver])

    def give_up(self, receiver: str) -> None:
        """Fail what a receiver is owed that the routes file names no more; whoever is still sending to it goes on."""
        now = self.clock.now()
        if not self.outbox.pending(receiver, 1):
            return
        lease = self.leases.acquire(receiver, now, now + LEASE)
        if lease is not None:
            _Turn(self, lease, None).give_up()

    def watch(self, receiver: str) -> None:
        """Log an error if `receiver` has been owed something for longer than a quarter of an hour."""
        oldest = next(iter(self.outbox.pending(receiver, 1)), None)
        age = self.clock.now() - oldest.created_at if oldest else 0
        if age > OVERDUE:
            log.error(OVERDUE_LINE, extra={"receiver": receiver, "seconds": age})


class _Turn:
    """One sender's turn at one receiver, from the lease to its release."""

    def __init__(self, deliver: Deliver, lease: Lease, record: Record | None) -> None:
        self._by, self._lease, self._record = deliver, lease, record
        self._pause = 0
        self._posts = 0
        self._delivered = 0

    def take(self, fresh: Sequence[Notification]) -> int:
        """Send until nothing is pending, the burst is used up, or the receiver takes no more; then give back the lease.

        The pause after each post keeps the pace, and lets in what others left to us meanwhile.
        """
        pending = self._pending(fresh)
        try:
            while pending and self._posts < BURST and not self._pause:
                self._send(pending)
                self._by.clock.sleep(PACE)
                pending = self._pending()
        except Unavailable as error:
            self._pause = error.retry_after
            log.warning("Receiver is unavailable", extra={"receiver": self._lease.receiver, "error": str(error)})
        except Refused as error:
            log.error(REFUSED_LINE, extra={"receiver": self._lease.receiver, "error": str(error)})  # noqa: TRY400 - a traceback would only show our own post
        self._by.leases.release(self._lease, self._by.clock.now() + self._pause)
        return self._delivered

    def give_up(self) -> None:
        """Fail what is pending, as for a receiver that refuses for good, and give back the lease."""
        gone = Refused("The routes file names this receiver no more")
        log.error(REFUSED_LINE, extra={"receiver": self._lease.receiver, "error": str(gone)})
        self._settle(self._pending(), Delivery.FAILED, gone)
        self._by.leases.release(self._lease, self._by.clock.now())

    def _pending(self, fresh: Sequence[Notification] = ()) -> list[Notification]:
        return sorted(self._by.outbox.pending(self._lease.receiver, DIGEST_SIZE, fresh), key=_urgency)

    def _send(self, pending: Sequence[Notification]) -> None:
        if len(pending) > BURST:
            self._digest(pending, pause=DIGEST_INTERVAL)
        elif len(together := _group_of(pending)) > 1:
            self._digest(together)
        else:
            self._announce(pending[0])

    def _digest(self, pending: Sequence[Notification], pause: int = 0) -> None:
        try:
            self._post(self._by.composer.digest(pending, self._by.clock.now()), pending)
            self._pause = pause
        except Unacceptable:
            self._announce(pending[0])

    def _announce(self, notification: Notification) -> None:
        record = self._find(notification.event_id or notification.about)
        try:
            self._post(self._by.composer.announcement(notification, record), [notification])
        except Unacceptable:
            self._announce_plainly(notification)

    def _find(self, event_id: str) -> Record | None:
        if self._record and self._record.event.id == event_id:
            return self._record
        return self._by.archive.find(event_id) if event_id else None

    def _announce_plainly(self, notification: Notification) -> None:
        try:
            self._post(self._by.composer.plain(notification), [notification])
        except Unacceptable as error:
            self._settle([notification], Delivery.FAILED, error)

    def _post(self, message: Message, pending: Sequence[Notification]) -> None:
        self._posts += 1
        try:
            self._by.messenger.post(self._lease.receiver, message)
        except Unavailable as error:
            self._settle(pending, Delivery.PENDING, error)
            raise
        except Refused as error:
            self._settle(pending, Delivery.FAILED, error)
            raise
        self._settle(pending, Delivery.DELIVERED)
        self._delivered += len(pending)

    def _settle(self, pending: Sequence[Notification], status: Delivery, error: DeliveryError | None = None) -> None:
        at, text = self._by.clock.now(), str(error or "")
        self._by.outbox.settle([completed(each, status, at, text) for each in pending])
        if status is Delivery.FAILED:
            log.error(
                "Notifications failed", extra={"receiver": self._lease.receiver, "count": len(pending), "error": text}
            )


def _group_of(pending: Sequence[Notification]) -> list[Notification]:
    """Return what is to be told together with the first."""
    return [each for each in pending if each.group and each.group == pending[0].group]


def _urgency(notification: Notification) -> tuple[bool, int, int, str]:
    over = notification.reason is Reason.RESOLVED
    return over, -notification.severity, notification.created_at, notification.id
