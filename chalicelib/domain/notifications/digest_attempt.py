"""Digest attempts: what is known of the last digest for a receiver, so that nobody reads the same again unawares."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification

# So many characters, 64 bits, tell an id from thousands of others that are pending at the same time.
BEGINNING = 16


class DigestProgress(StrEnum):
    """How far a digest has come; what was only begun may have arrived all the same."""

    BEGUN = "begun"
    FAILED = "failed"
    ARRIVED = "arrived"


class DigestAttempt(Struct, frozen=True, kw_only=True):
    """The last digest for a receiver: written before it is sent, and when it is known what became of it.

    `tried` says how often each notification was tried, by the beginning of its id. It is `doubtful` where people may
    have read some of it before: in a digest of which nobody knows whether it arrived.
    """

    at: int = 0
    tried: Mapping[str, int] = field(default_factory=dict)
    progress: DigestProgress = DigestProgress.FAILED
    doubtful: bool = False
    error: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the attempt that a reference holds; none where there is none, or another version wrote it."""
        try:
            return msgspec.json.decode(text, type=cls) if text else cls()
        except msgspec.MsgspecError:
            return cls()

    def written(self) -> str:
        """Return the attempt as a reference holds it."""
        return msgspec.json.encode(self).decode()

    def next(self, notifications: Sequence[Notification], now: int) -> Self:
        """Return the attempt after this one, which is begun now."""
        return replace(
            self,
            at=now,
            tried={_key(each): self.counted(each).attempts + 1 for each in notifications},
            progress=DigestProgress.BEGUN,
            doubtful=self._may_have_said(notifications),
            error="",
        )

    def arrived(self, left: Iterable[str] = ()) -> Self:
        """Return the attempt after it has arrived, though without those that are left."""
        missing = {each[:BEGINNING] for each in left}
        tried = {key: count for key, count in self.tried.items() if key not in missing}
        return replace(self, tried=tried, progress=DigestProgress.ARRIVED, doubtful=False)

    def failed(self, error: str, *, may_have_arrived: bool = False) -> Self:
        """Return the attempt after it has failed, as far as anybody knows."""
        doubtful = self.doubtful or may_have_arrived
        return replace(self, progress=DigestProgress.FAILED, doubtful=doubtful, error=error)

    @property
    def has_arrived(self) -> bool:
        """Whether people have read it."""
        return self.progress is DigestProgress.ARRIVED

    def names(self, notification_id: str) -> bool:
        """Return whether it is about the notification of this id."""
        return notification_id[:BEGINNING] in self.tried

    def has_said(self, notification: Notification) -> bool:
        """Return whether this one has arrived, though nobody lived to write that down.

        One that was settled since is wanted again.
        """
        return self.has_arrived and self.names(notification.id) and notification.settled_at < self.at

    def counted(self, notification: Notification) -> Notification:
        """Return a notification with what digests that failed say of it: that is not written to each."""
        attempts = self.tried.get(_key(notification), 0)
        if self.has_arrived or attempts <= notification.attempts:
            return notification
        return replace(notification, attempts=attempts, error=self.error, settled_at=self.at)

    def before(self, notification: Notification) -> Notification:
        """Return one of its notifications as it was after the attempts before this one."""
        return replace(notification, attempts=self.tried.get(_key(notification), 1) - 1)

    def _may_have_said(self, notifications: Iterable[Notification]) -> bool:
        is_unknown = self.doubtful or self.progress is DigestProgress.BEGUN
        return is_unknown and any(_key(each) in self.tried for each in notifications)


def _key(notification: Notification) -> str:
    return notification.id[:BEGINNING]
