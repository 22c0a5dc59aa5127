"""Digest attempts: what is known of the last digest for a receiver, so that repetitions can be recognised."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification

# Characters (64 bits) that distinguish an id from thousands of others that are pending.
BEGINNING = 16


class DigestProgress(StrEnum):
    """The progress of a digest; one that was only begun may have arrived nevertheless."""

    BEGUN = "begun"
    FAILED = "failed"
    ARRIVED = "arrived"


class DigestAttempt(Struct, frozen=True, kw_only=True):
    """The last digest for a receiver, recorded before it is sent and when its result is known.

    `tried` counts the attempts of each notification, by the first characters of its id. It is `doubtful` if people may
    have read some of it before, in a digest whose delivery is unknown.
    """

    at: int = 0
    tried: Mapping[str, int] = field(default_factory=dict)
    progress: DigestProgress = DigestProgress.FAILED
    doubtful: bool = False
    error: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the attempt in a reference; an empty one where there is none, or another version wrote it."""
        try:
            return msgspec.json.decode(text, type=cls) if text else cls()
        except msgspec.MsgspecError:
            return cls()

    def written(self) -> str:
        """Return the attempt as a reference holds it."""
        return msgspec.json.encode(self).decode()

    def next(self, notifications: Sequence[Notification], now: int) -> Self:
        """Return the next attempt, which begins now."""
        return replace(
            self,
            at=now,
            tried={_key(each): self.counted(each).attempts + 1 for each in notifications},
            progress=DigestProgress.BEGUN,
            doubtful=self._may_have_said(notifications),
            error="",
        )

    def arrived(self, left: Iterable[str] = ()) -> Self:
        """Return the attempt after delivery, without the notifications that are left."""
        missing = {each[:BEGINNING] for each in left}
        tried = {key: count for key, count in self.tried.items() if key not in missing}
        return replace(self, tried=tried, progress=DigestProgress.ARRIVED, doubtful=False)

    def failed(self, error: str, *, may_have_arrived: bool = False) -> Self:
        """Return the attempt after a failure."""
        doubtful = self.doubtful or may_have_arrived
        return replace(self, progress=DigestProgress.FAILED, doubtful=doubtful, error=error)

    @property
    def has_arrived(self) -> bool:
        """Whether it was delivered."""
        return self.progress is DigestProgress.ARRIVED

    def names(self, notification_id: str) -> bool:
        """Return whether it has the notification with this id."""
        return notification_id[:BEGINNING] in self.tried

    def has_said(self, notification: Notification) -> bool:
        """Return whether this notification was delivered with it, and is still pending only because its sender died.

        One that was settled since was enqueued again.
        """
        return self.has_arrived and self.names(notification.id) and notification.settled_at < self.at

    def counted(self, notification: Notification) -> Notification:
        """Return a notification with the attempts and the error of failed digests, which are not written to each."""
        attempts = self.tried.get(_key(notification), 0)
        if self.has_arrived or attempts <= notification.attempts:
            return notification
        return replace(notification, attempts=attempts, error=self.error, settled_at=self.at)

    def before(self, notification: Notification) -> Notification:
        """Return one of its notifications with the attempts before this one."""
        return replace(notification, attempts=self.tried.get(_key(notification), 1) - 1)

    def _may_have_said(self, notifications: Iterable[Notification]) -> bool:
        is_unknown = self.doubtful or self.progress is DigestProgress.BEGUN
        return is_unknown and any(_key(each) in self.tried for each in notifications)


def _key(notification: Notification) -> str:
    return notification.id[:BEGINNING]
