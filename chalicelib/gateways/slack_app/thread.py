"""Threads: what is remembered of a problem's living message in a channel, and of a post of unknown result."""

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.notifications.notification import Notification, Reason

# Of so many notifications it is remembered that they stand in the thread; of more where a message is about several
# problems.
REMEMBERED, REMEMBERED_OF_GROUP = 20, 120
# Characters (64 bits) that distinguish an id from thousands of others that are pending.
BEGINNING = 16
# Seconds. An older message is far up in the channel: later news begins a new one.
LONGEST = 14 * 86_400


class PostAttempt(Struct, frozen=True):
    """A post that was begun: its id, when, and whether it was a reply.

    `ids` are the notifications in it, or of many the first characters of each.
    """

    id: str
    at: int
    is_reply: bool = False
    ids: tuple[str, ...] = ()

    @property
    def covered(self) -> frozenset[str]:
        """The first characters of the ids of the notifications in it."""
        return frozenset(each[:BEGINNING] for each in self.ids)


class SlackThread(Struct, frozen=True):
    """The living message: its channel and time stamp, by which Slack knows it; empty before it is posted.

    `attempt` is a post of unknown result. `said` are the notifications in the message or thread, by the first
    characters of their ids, newest last. A message about several problems lists them as `members`; the thread of each
    of these only has the subject of that message, as `group`.
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
        """Return the thread in a reference; an empty one where there is none."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def written(self) -> str:
        """Return the thread as a reference holds it."""
        return msgspec.json.encode(self).decode()

    def is_usable(self, channel: str, now: int) -> bool:
        """Return whether there is a message in this channel that can still be updated."""
        return bool(self.ts) and self.channel == channel and now < self.posted_at + LONGEST

    def has_said(self, notification: Notification) -> bool:
        """Return whether the message, or its thread, has it already."""
        return notification.id[:BEGINNING] in self.said

    def accounts_for(self, notification: Notification) -> bool:
        """Return whether the message has it though it was not settled; one settled since was enqueued again."""
        return self.has_said(notification) and notification.settled_at < self.posted_at

    def attempting(self, notifications: Sequence[Notification], now: int, *, is_reply: bool) -> Self:
        """Return the thread before a post of these notifications; the post has the id of the last."""
        length = None if len(notifications) <= REMEMBERED else BEGINNING
        ids = tuple(each.id[:length] for each in notifications)
        return replace(self, attempt=PostAttempt(notifications[-1].id, now, is_reply, ids))

    def posted(self, channel: str, ts: str, now: int, ids: Iterable[str]) -> Self:
        """Return the thread after its message was posted, with all of `ids`."""
        said = tuple(each[:BEGINNING] for each in ids)
        return replace(self, channel=channel, ts=ts, posted_at=now, attempt=None, said=said)

    def replied(self, ids: Iterable[str]) -> Self:
        """Return the thread after a reply, or after none was needed."""
        return replace(self, attempt=None, said=self._remembered([*self.said, *ids]))

    def standing_for(self, members: Iterable[str], ids: Iterable[str]) -> Self:
        """Return the thread of a message about several problems, with all of `ids`."""
        said = _beginnings(ids, REMEMBERED_OF_GROUP)
        return replace(self, members=tuple(members), attempt=None, said=said)

    def without_attempt(self) -> Self:
        """Return the thread after an attempt that had no effect."""
        return replace(self, attempt=None)

    def _remembered(self, ids: Iterable[str]) -> tuple[str, ...]:
        return _beginnings(ids, REMEMBERED_OF_GROUP if self.members else REMEMBERED)


def _beginnings(ids: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(each[:BEGINNING] for each in ids)[-most:]


def is_about_problem(notification: Notification) -> bool:
    """Return whether a notification is about a problem that may go on, and so has a living message."""
    return bool(notification.fingerprint and notification.episode) and notification.reason is not Reason.SUMMARY
