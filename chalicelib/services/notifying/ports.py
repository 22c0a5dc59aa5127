"""The Notifier: how receivers of any type are notified, and the possible results; and what sending stores."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from chalicelib.domain.notifications.action_links import AlertLinks, Claim
from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.notifications.notification import Notification, Record


class Message(Struct, frozen=True):
    """What a receiver is sent at once: one notification, or several as a digest.

    `record` is the event that a single notification is about, if it is still kept. A `doubtful` message repeats
    notifications of an earlier one of which nobody knows whether it arrived. After `until` (epoch seconds) a notifier
    starts no further call to the receiver.
    """

    receiver: str
    notifications: Sequence[Notification]
    record: Record | None = None
    doubtful: bool = False
    until: float = math.inf


class Delivered(Struct, frozen=True):
    """The receiver has the message; `reference` is the receiver's own id for it, if there is one.

    `left` are the ids of notifications that the message does not account for; they stay pending.
    """

    reference: str = ""
    left: frozenset[str] = frozenset()


class Retry(Struct, frozen=True):
    """The receiver takes nothing now, though the message may have arrived: retry after so many seconds.

    A `passing` failure may be over within seconds: the first retries follow sooner.
    """

    after: int
    why: str
    may_have_arrived: bool = False
    passing: bool = False


class Rejected(Struct, frozen=True):
    """The receiver will never take this message in any form; or no message at all, if `receiver_gone`."""

    why: str
    receiver_gone: bool = False


class References(Protocol):
    """The receivers' own ids for messages: one item for each receiver and problem."""

    def find(self, receiver: str, subject: str) -> str:
        """Return what was last saved (a consistent read), or an empty string."""
        ...

    def find_all(self, receiver: str, subjects: Collection[str]) -> Mapping[str, str]:
        """Return what was last saved for the subjects that have a reference (a consistent read)."""
        ...

    def save(self, receiver: str, subject: str, reference: str) -> None:
        """Save a reference, replacing the one before."""
        ...


class CallBudgets(Protocol):
    """Rate budgets for methods of other services, shared by all functions."""

    def take(self, name: str, now: int, most: int) -> bool:
        """Count one call in the minute of `now`; False, not counted, where the limit is reached or during a pause."""
        ...

    def pause(self, name: str, now: int, until: int) -> None:
        """Refuse all calls from `now` until then; for ten minutes at most."""
        ...


class FeedbackStore(Protocol):
    """What people think of messages."""

    def save(self, feedback: Feedback) -> None:
        """Save feedback, replacing what the same person said about the same episode in the same week."""
        ...

    def in_week(self, start: int, most: int) -> list[Feedback]:
        """Return up to `most` pieces of feedback of the week that begins at `start` (epoch seconds)."""
        ...


class Handling(Struct, frozen=True, kw_only=True):
    """How to send to a receiver: at most one message every `pace` seconds, and `burst` messages in a drain.

    With `combines`, several notifications are sent as one message: those of a group, or a storm as a digest. Without
    it, each is sent alone, those of a problem in the order in which they were made. With `by_problem`, everything
    pending about a problem is sent at once. After `per_hour` messages in an hour only CRITICAL notifications are sent
    at once, and the rest in digests (0: no cap).
    """

    combines: bool = True
    pace: float = 1.0
    burst: int = 5
    by_problem: bool = False
    per_hour: int = 0


ANYHOW = Handling()


class Notifier(Protocol):
    """Notifies receivers; a result's `why` never holds an address, which is a secret."""

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send one message in the form that suits its receiver; never raises."""
        ...

    def handling(self, receiver: str) -> Handling:
        """Return how to send to a receiver."""
        ...


class Runner(Protocol):
    """Runs several tasks, at once or one after the other."""

    def __call__(self, message: str, tasks: Sequence[Callable[[], object]]) -> None:
        """Run each task, even after others failed; raise an ExceptionGroup of all errors, if any."""
        ...


class LinkSigner(Protocol):
    """Signs and reads the links in messages."""

    def of_alert(self, fingerprint: str, claims: Sequence[Claim] = ()) -> AlertLinks:
        """Return the address of an alert's page, and one address for each claim."""
        ...

    def alerts_page(self) -> str:
        """Return the address of the list of alerts; empty where the hub does not know its own address."""
        ...

    def read(self, token: str, now: int) -> Claim:
        """Return the claim of a token; Damaged where it is none, Expired where it was one."""
        ...
