"""Digest attempts: the last digest of each receiver, recorded once and not in each of its notifications.

An attempt is recorded before a digest is sent, and again when its result is known. So after a sender has died, the next
one knows what people have read already, and can say that a digest may repeat some of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.digest_attempt import DigestAttempt
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Notification
    from chalicelib.services.notifying.ports import References
    from chalicelib.services.ports import Clock

SUBJECT = "digest-attempt"


class DigestAttempts(Struct, frozen=True):
    """Remembers the last digest of each receiver."""

    references: References
    clock: Clock

    def last(self, receiver: str) -> DigestAttempt:
        """Return what is known of a receiver's last digest."""
        return DigestAttempt.read(self.references.find(receiver, SUBJECT))

    def begin(self, receiver: str, notifications: Sequence[Notification]) -> DigestAttempt:
        """Record that a digest is about to be sent."""
        return self._save(receiver, self.last(receiver).next(notifications, self.clock.now()))

    def finish(self, receiver: str, attempt: DigestAttempt, result: Delivered | Retry | Rejected) -> DigestAttempt:
        """Record the result of a digest."""
        match result:
            case Delivered(_, left):
                return self._save(receiver, attempt.arrived(left))
            case Retry(_, why, may_have_arrived):
                return self._save(receiver, attempt.failed(why, may_have_arrived=may_have_arrived))
            case Rejected(why):
                return self._save(receiver, attempt.failed(why))

    def counted(self, notifications: Sequence[Notification]) -> list[Notification]:
        """Return notifications, the pending ones with the attempts and the error of digests that failed."""
        receivers = {each.receiver for each in notifications if each.status is Delivery.PENDING}
        last = {receiver: self.last(receiver) for receiver in receivers}
        return [
            last[each.receiver].counted(each) if each.status is Delivery.PENDING else each for each in notifications
        ]

    def _save(self, receiver: str, attempt: DigestAttempt) -> DigestAttempt:
        self.references.save(receiver, SUBJECT, attempt.written())
        return attempt
