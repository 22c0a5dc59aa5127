"""The Notifier: how receivers of any type are notified, and what can become of it."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from chalicelib.domain.notifications.action_links import AlertLinks, Claim
from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.notifications.notification import Notification, Record


class Message(Struct, frozen=True):
    """What a receiver is sent at once: one notification, or several as a digest.

    `record` is the event that a single notification is about, if it is still kept. It is `doubtful` where people may
    have read some of it before, in a message of which nobody knows whether it arrived. What takes several calls begins
    none after `until` (epoch seconds) but the first.
    """

    receiver: str
    notifications: Sequence[Notification]
    record: Record | None = None
    doubtful: bool = False
    until: float = math.inf


class Delivered(Struct, frozen=True):
    """The receiver has the message; `reference` is what the receiver calls it, if it calls it anything.

    `left` are the ids of notifications that the message does not account for, and that stay pending.
    """

    reference: str = ""
    left: frozenset[str] = frozenset()


class Retry(Struct, frozen=True):
    """The receiver takes nothing now, though the message may have arrived: try again after so many seconds.

    What is `passing` may be over within seconds: the first tries follow sooner.
    """

    after: int
    why: str
    may_have_arrived: bool = False
    passing: bool = False


class Rejected(Struct, frozen=True):
    """The receiver will never take this message, in whatever form; or any message at all, if it is gone."""

    why: str
    receiver_gone: bool = False


class References(Protocol):
    """What receivers call their messages about problems, an item of its own for each receiver and problem."""

    def find(self, receiver: str, subject: str) -> str:
        """Return what was last saved (a consistent read); nothing where nothing was."""
        ...

    def find_all(self, receiver: str, subjects: Collection[str]) -> Mapping[str, str]:
        """Return what was last saved of each subject of which anything was (a consistent read)."""
        ...

    def save(self, receiver: str, subject: str, reference: str) -> None:
        """Write it in the place of what was saved before."""
        ...


class CallBudgets(Protocol):
    """How often methods of other services may be called, by all functions together."""

    def take(self, name: str, now: int, most: int) -> bool:
        """Count one call in the minute of `now`; False where there were `most` already, or a pause is not over.

        What is refused is not counted.
        """
        ...

    def pause(self, name: str, now: int, until: int) -> None:
        """Refuse all calls from `now` on, until then; ten minutes at most."""
        ...


class FeedbackStore(Protocol):
    """What people say of messages."""

    def save(self, feedback: Feedback) -> None:
        """Write it, in the place of what the same person said of the same episode in the same week."""
        ...

    def in_week(self, start: int, most: int) -> list[Feedback]:
        """Return up to `most` of what was said in the week that begins at `start` (epoch seconds)."""
        ...


class Handling(Struct, frozen=True, kw_only=True):
    """How a receiver wants to be sent to: at most one message each `pace` seconds, and `burst` of them in a drain.

    One that `combines` takes several notifications as one message: those of a group, and a storm as a digest. Any other
    gets each by itself, those of a problem in the order in which they came about. `by_problem` is one that wants all
    that is pending about a problem at once. After `per_hour` messages in an hour only what is CRITICAL goes at once,
    and the rest in digests (0: there is no such cap).
    """

    combines: bool = True
    pace: float = 1.0
    burst: int = 5
    by_problem: bool = False
    per_hour: int = 0


ANYHOW = Handling()


class Notifier(Protocol):
    """Notifies receivers; `why` never holds an address, which is a secret."""

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send one message in the form that suits its receiver; raises nothing."""
        ...

    def handling(self, receiver: str) -> Handling:
        """Return how a receiver wants to be sent to."""
        ...


class Runner(Protocol):
    """Runs several tasks, at once or one after the other."""

    def __call__(self, message: str, tasks: Sequence[Callable[[], object]]) -> None:
        """Run each task, even after others failed; raise an ExceptionGroup of all errors, if any."""
        ...


class LinkSigner(Protocol):
    """The links in messages: claims, signed."""

    def of_alert(self, fingerprint: str, claims: Sequence[Claim] = ()) -> AlertLinks:
        """Return where the hub shows an alert, and where each claim to it can be redeemed."""
        ...

    def alerts_page(self) -> str:
        """Return where the hub lists what fires; nothing where nobody knows its address."""
        ...

    def read(self, token: str, now: int) -> Claim:
        """Return the claim of a token; Damaged or Expired where it is none, or no longer one."""
        ...
