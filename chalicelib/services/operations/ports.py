"""What the services that look after the hub need of the world; gateways and fakes satisfy it structurally."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from chalicelib.domain.agents.canary import CanaryArrival

# The sweep comes each minute; what has waited for longer was left by more than one.
LATE = 180


class FailureRouting(Protocol):
    """Where what fails goes."""

    def holds_rule(self, name: str) -> bool:
        """Return whether what a rule cannot deliver goes to a queue."""
        ...

    def holds_function(self, name: str) -> bool:
        """Return whether what a function fails on goes to a queue."""
        ...


class DeadLetter(Struct, frozen=True):
    """A message as it lies in a queue, taken out of others' sight for a while."""

    queue: str
    id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]


class DeadLetterQueues(Protocol):
    """The queues in which what failed waits."""

    def take(self, queue: str) -> Sequence[DeadLetter]:
        """Take up to ten messages out of others' sight; none where there are none."""
        ...

    def remove(self, letter: DeadLetter) -> None:
        """Delete a message."""
        ...

    def give_back(self, letter: DeadLetter) -> None:
        """Let everybody see a message again."""
        ...

    def count(self, queue: str) -> int:
        """Return about how many messages wait in a queue."""
        ...


class Attempt(Struct, frozen=True, kw_only=True):
    """A request by its digest, and what was answered; a status of 0 means nothing yet."""

    request: str
    at: int
    status: int = 0
    headers: dict[str, str] = {}
    body: str = ""


class IdempotencyStore(Protocol):
    """Where attempts are kept."""

    def find(self, key: str) -> Attempt | None:
        """Return the attempt with a key (a consistent read)."""
        ...

    def save(self, key: str, attempt: Attempt, known: Attempt | None) -> bool:
        """Write an attempt in the place of the one that is known; False where there is another one by now."""
        ...

    def delete(self, key: str) -> None:
        """Forget an attempt."""
        ...


class EventMetric(Struct, frozen=True):
    """A metric of CloudWatch, with its dimensions as names and values."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Metrics(Protocol):
    """What CloudWatch has counted."""

    def sums(self, metrics: Sequence[EventMetric], start: int, end: int) -> Sequence[int]:
        """Return the sum of each metric from `start` to `end`, whole hours both; one without data is 0."""
        ...


class ReceiverBacklogState(Struct, frozen=True):
    """What a receiver waits for: how many are pending, how many were not sent, and since when the oldest waits."""

    receiver: str
    pending: int
    failed: int
    oldest: int


class Backlog(Struct, frozen=True, kw_only=True):
    """What was left undone at a time (epoch seconds).

    `overdue_since` is when the oldest evaluation was due that nobody has made (0: none is late). `canaries` are the
    newest that went the whole way, by region.
    """

    at: int
    overdue_since: int
    receivers: tuple[ReceiverBacklogState, ...]
    canaries: dict[str, CanaryArrival]

    @property
    def oldest_pending(self) -> int:
        """Since when the oldest message waits; 0 where none does."""
        return min((each.oldest for each in self.receivers if each.oldest), default=0)

    def is_late(self, now: int) -> bool:
        """Return whether something waits for longer than it should."""
        return any(now - each >= LATE for each in (self.overdue_since, self.oldest_pending) if each)


class BacklogStore(Protocol):
    """Where it is noted what the newest sweep has left undone."""

    def save(self, backlog: Backlog) -> None:
        """Put it in the place of what was noted before."""
        ...

    def find(self) -> Backlog | None:
        """Return what was noted last (a consistent read); None where nothing was."""
        ...


class WrongSignIns(Struct, frozen=True):
    """How many sign-ins from one network went wrong, and when the last did."""

    count: int
    at: int


class SignInStore(Protocol):
    """What is remembered of sign-ins: what is used up, and where wrong ones came from."""

    def use_up(self, name: str, until: int) -> bool:
        """Remember until then that something can be used no longer; False where it is used up already."""
        ...

    def is_used_up(self, name: str) -> bool:
        """Return whether something is used up (a consistent read)."""
        ...

    def wrong(self, source: str) -> WrongSignIns | None:
        """Return the wrong sign-ins from a network (a consistent read)."""
        ...

    def count_wrong(self, source: str, wrong: WrongSignIns, known: WrongSignIns | None) -> bool:
        """Write the wrong sign-ins in the place of those known; False where there are others by now."""
        ...


class ProviderTokens(Struct, frozen=True):
    """What an OpenID provider gives for a code: who somebody is, and what lets us ask for more of it."""

    id_token: str
    access_token: str = ""


class OpenIdProvider(Protocol):
    """A company's OpenID provider; ProviderFailed where it cannot be asked, or refuses."""

    def authorization_endpoint(self) -> str:
        """Return where people are led to sign in."""
        ...

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> ProviderTokens:
        """Return the tokens that a code stands for, which works once."""
        ...

    def user_info(self, access_token: str) -> Mapping[str, Any]:
        """Return what the provider says of the holder of a token; nothing where it does not say it in this way."""
        ...
