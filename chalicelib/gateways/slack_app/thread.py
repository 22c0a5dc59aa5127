"""A thread: what is remembered of the living message of a problem in a channel, and of a post of unknown outcome."""

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification, Reason

# Of so many notifications it is remembered that they stand in the thread; of more where a message is about several
# problems.
REMEMBERED, REMEMBERED_OF_GROUP = 20, 120
# So many characters, 64 bits, tell an id from thousands of others that are pending at the same time.
BEGINNING = 16
# An older message is far up in the channel: what happens then begins a new one.
LONGEST = 14 * 86_400


class PostAttempt(Struct, frozen=True):
    """A post that was begun: by what it can be found, when, and whether it was a reply.

    `ids` are the notifications that it accounts for, or where they are many the first characters of each.
    """

    id: str
    at: int
    is_reply: bool = False
    ids: tuple[str, ...] = ()

    @property
    def covered(self) -> frozenset[str]:
        """The beginnings of the ids of what it accounts for."""
        return frozenset(each[:BEGINNING] for each in self.ids)


class SlackThread(Struct, frozen=True):
    """The living message: its channel and time stamp, which Slack knows it by; nothing before it is posted.

    `attempt` is a post that was begun and of which nothing is known yet. `said` are the notifications that the thread
    has by the beginnings of their ids, the newest last. A message that stands for several problems names them as
    `members`; the thread of each of these has nothing but the subject of the message that it is in, as `group`.
    """

    channel: str = ""
    ts: str = ""
    posted_at: int = 0
    attempt: PostAttempt | None = None
    said: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    group: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the thread that a reference holds; an empty one where there is none."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def written(self) -> str:
        """Return the thread as a reference holds it."""
        return msgspec.json.encode(self).decode()

    def is_usable(self, channel: str, now: int) -> bool:
        """Return whether there is a message in this channel that can still be changed."""
        return bool(self.ts) and self.channel == channel and now < self.posted_at + LONGEST

    def has_said(self, notification: Notification) -> bool:
        """Return whether the message, or its thread, says it already."""
        return notification.id[:BEGINNING] in self.said

    def accounts_for(self, notification: Notification) -> bool:
        """Return whether the message says it, though nobody lived to settle that; what was settled since is wanted."""
        return self.has_said(notification) and notification.settled_at < self.posted_at

    def attempting(self, notifications: Sequence[Notification], now: int, *, is_reply: bool) -> Self:
        """Return the thread before a post that accounts for these, and is found by the id of the last."""
        length = None if len(notifications) <= REMEMBERED else BEGINNING
        ids = tuple(each.id[:length] for each in notifications)
        return replace(self, attempt=PostAttempt(notifications[-1].id, now, is_reply, ids))

    def posted(self, channel: str, ts: str, now: int, ids: Iterable[str]) -> Self:
        """Return the thread after its message was posted, which says all of `ids`."""
        said = tuple(each[:BEGINNING] for each in ids)
        return replace(self, channel=channel, ts=ts, posted_at=now, attempt=None, said=said)

    def replied(self, ids: Iterable[str]) -> Self:
        """Return the thread after a reply, or after it was seen that there is nothing to say."""
        return replace(self, attempt=None, said=self._remembered([*self.said, *ids]))

    def standing_for(self, members: Iterable[str], ids: Iterable[str]) -> Self:
        """Return the thread of a message that stands for several problems, and says all of `ids`."""
        said = _beginnings(ids, REMEMBERED_OF_GROUP)
        return replace(self, members=tuple(members), attempt=None, said=said)

    def without_attempt(self) -> Self:
        """Return the thread where what was begun has not come to anything."""
        return replace(self, attempt=None)

    def _remembered(self, ids: Iterable[str]) -> tuple[str, ...]:
        return _beginnings(ids, REMEMBERED_OF_GROUP if self.members else REMEMBERED)


def _beginnings(ids: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(each[:BEGINNING] for each in ids)[-most:]


def is_about_problem(notification: Notification) -> bool:
    """Return whether a notification is about a problem that may go on, and so has a living message."""
    return bool(notification.fingerprint and notification.episode) and notification.reason is not Reason.SUMMARY
